$WINHIVE list ../broken/key-name-past-cell.hive
