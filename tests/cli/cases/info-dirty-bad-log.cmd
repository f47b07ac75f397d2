$WINHIVE info ../logs/log-bad-checksum/SYSTEM
