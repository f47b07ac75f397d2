$WINHIVE query ../broken/key-cell.free.hive Beta -s
