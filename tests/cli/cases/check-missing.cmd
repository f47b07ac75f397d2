$WINHIVE check nowhere.hive
