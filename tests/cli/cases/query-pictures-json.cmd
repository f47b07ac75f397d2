$WINHIVE query --json names.hive Special
