$WINHIVE tree ../broken/list-hint.hive
