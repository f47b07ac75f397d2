$WINHIVE info sample.hive --log
