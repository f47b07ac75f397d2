$WINHIVE list ../broken/value-inline-length.5.hive
