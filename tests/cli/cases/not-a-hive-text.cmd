$WINHIVE info ../broken/not-a-hive.text.hive
