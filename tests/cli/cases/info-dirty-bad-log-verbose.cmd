$WINHIVE info --verbose ../logs/log-bad-checksum/SYSTEM
