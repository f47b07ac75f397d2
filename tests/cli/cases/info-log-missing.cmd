$WINHIVE info ../logs/dirty-no-logs/SYSTEM --log $TMP/none
