$WINHIVE roots sample.hive
