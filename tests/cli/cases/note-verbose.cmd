$WINHIVE tree --verbose ../broken/list-hash.lh.hive
