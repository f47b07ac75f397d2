$WINHIVE check --json ../broken/not-a-hive.text.hive
