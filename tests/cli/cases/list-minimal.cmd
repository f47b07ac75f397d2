$WINHIVE list minimal.hive
