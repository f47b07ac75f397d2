$WINHIVE tree ../broken/root-cell.nil.hive
