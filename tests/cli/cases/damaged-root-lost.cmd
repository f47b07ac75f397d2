$WINHIVE tree ../broken/root-cell.unmarked.hive
