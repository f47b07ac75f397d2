$WINHIVE list ../broken/key-class-missing.hive
