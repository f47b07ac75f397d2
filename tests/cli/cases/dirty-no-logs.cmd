$WINHIVE get --no-logs ../logs/dirty-no-logs/SYSTEM State Step
