$WINHIVE check ../broken/value-twice.few.hive
