$WINHIVE query sample.hive Select -v current
