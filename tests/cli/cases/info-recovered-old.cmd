$WINHIVE info ../logs/old-one-log/SYSTEM
