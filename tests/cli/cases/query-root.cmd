$WINHIVE query sample.hive
