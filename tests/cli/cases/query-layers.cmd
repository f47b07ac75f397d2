$WINHIVE query version-1.6.hive -s
