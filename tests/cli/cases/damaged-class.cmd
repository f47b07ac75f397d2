$WINHIVE stat ../broken/key-class-missing.hive Alpha
