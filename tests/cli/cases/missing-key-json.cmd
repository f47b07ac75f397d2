$WINHIVE query --json sample.hive Nope
