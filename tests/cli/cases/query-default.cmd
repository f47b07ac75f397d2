$WINHIVE query sample.hive Types -ve
