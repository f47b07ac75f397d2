$WINHIVE check --json --quiet ../broken/key-cycle.root.hive
