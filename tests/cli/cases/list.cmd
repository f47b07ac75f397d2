$WINHIVE list sample.hive
