$WINHIVE check ../logs/new-bad-bin/SYSTEM
