$WINHIVE query sample.hive Select
