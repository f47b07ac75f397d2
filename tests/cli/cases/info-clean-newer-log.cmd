$WINHIVE info ../logs/clean-with-newer-log/SYSTEM
