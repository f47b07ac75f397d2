$WINHIVE query sample.hive Select -v Nope
