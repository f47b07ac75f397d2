$WINHIVE info sample.hive
