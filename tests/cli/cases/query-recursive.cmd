$WINHIVE query sample.hive Names -s
