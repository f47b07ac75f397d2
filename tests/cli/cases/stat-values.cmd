$WINHIVE stat sample.hive Types
