$WINHIVE replay --json ../logs/new-one-log/SYSTEM -o $TMP/out; $WINHIVE replay --json ../logs/dirty-no-logs/SYSTEM -o $TMP/none
