$WINHIVE list ../broken/not-a-hive.empty.hive
