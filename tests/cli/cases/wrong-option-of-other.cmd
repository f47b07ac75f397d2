$WINHIVE info --raw sample.hive
