$WINHIVE stat sample.hive Types -ve
