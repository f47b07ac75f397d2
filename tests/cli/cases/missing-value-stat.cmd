$WINHIVE stat sample.hive Select -v Nope
