$WINHIVE info --no-logs --log x sample.hive
