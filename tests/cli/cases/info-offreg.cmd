$WINHIVE info offreg.hive
