$WINHIVE query sample.hive Types --json
