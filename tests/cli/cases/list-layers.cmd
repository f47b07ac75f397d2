$WINHIVE list version-1.6.hive
