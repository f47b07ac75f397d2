$WINHIVE tree ../broken/list-hash.lh.hive
