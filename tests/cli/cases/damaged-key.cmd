$WINHIVE tree ../broken/key-cell.free.hive
