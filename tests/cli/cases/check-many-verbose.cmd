$WINHIVE check --verbose ../broken/cell-unowned.many.hive
