$WINHIVE check --no-logs ../logs/new-bad-bin/SYSTEM
