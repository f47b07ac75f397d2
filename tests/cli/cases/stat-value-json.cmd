$WINHIVE stat --json sample.hive Select /v current
