$WINHIVE info --json ../logs/new-two-logs/SYSTEM
