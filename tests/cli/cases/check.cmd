$WINHIVE check sample.hive
