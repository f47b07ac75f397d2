$WINHIVE info --nolog sample.hive
