$WINHIVE query sample.hive Nope
