$WINHIVE check --json ../broken/key-longest-low.value-data.hive
