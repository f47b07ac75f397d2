$WINHIVE stat sample.hive Select -v current
