$WINHIVE info --no-logs ../logs/new-two-logs/SYSTEM
