$WINHIVE tree ../broken/not-a-hive.short.hive
