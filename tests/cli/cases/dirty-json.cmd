$WINHIVE query --json ../logs/dirty-empty-logs/SYSTEM State -v Step
