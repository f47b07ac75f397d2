$WINHIVE query --json sample.hive Select -v current
