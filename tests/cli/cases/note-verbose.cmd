$WINHIVE tree --verbose ../broken/list-hint.hive
