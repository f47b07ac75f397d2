$WINHIVE stat --utc sample.hive Select -v current | head -4
