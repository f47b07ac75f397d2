$WINHIVE query sample.hive Select -ve --json
