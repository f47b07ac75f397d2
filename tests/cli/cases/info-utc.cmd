$WINHIVE info --utc sample.hive
