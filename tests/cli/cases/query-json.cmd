$WINHIVE query --json sample.hive
