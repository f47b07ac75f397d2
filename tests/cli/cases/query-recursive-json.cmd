$WINHIVE query sample.hive Names -s --json
