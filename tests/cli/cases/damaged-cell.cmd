$WINHIVE tree ../broken/cell-size-zero.key.hive
