$WINHIVE stat sample.hive
