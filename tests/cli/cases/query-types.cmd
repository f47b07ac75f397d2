$WINHIVE query sample.hive Types
