$WINHIVE query ../broken/not-a-hive.log.hive
