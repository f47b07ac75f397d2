$WINHIVE tree ../broken/list-leaf-cell.free.hive
