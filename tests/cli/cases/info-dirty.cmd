$WINHIVE info ../logs/dirty-no-logs/SYSTEM
