$WINHIVE info --json=yes sample.hive
