$WINHIVE info ../logs/new-two-logs/SYSTEM
