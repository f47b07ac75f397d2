$WINHIVE tree ../broken/list-hidden.hive
