$WINHIVE info --json sample.hive
