$WINHIVE query sample.hive -s -v Nope
