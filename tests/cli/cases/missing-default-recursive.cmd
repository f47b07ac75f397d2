$WINHIVE query sample.hive Select -s -ve
