$WINHIVE tree ../broken/key-cycle.root.hive
