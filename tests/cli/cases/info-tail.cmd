$WINHIVE info tail.hive
