$WINHIVE stat ../broken/value-inline-length.5.hive Alpha -v Number
