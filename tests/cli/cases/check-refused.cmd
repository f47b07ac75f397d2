$WINHIVE check ../broken/base-major.hive
