$WINHIVE check ../broken/cell-shared.data.hive
