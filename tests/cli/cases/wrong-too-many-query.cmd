$WINHIVE query sample.hive a b
