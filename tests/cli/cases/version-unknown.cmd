$WINHIVE info ../broken/base-minor.7.hive
