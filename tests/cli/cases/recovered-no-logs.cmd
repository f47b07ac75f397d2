$WINHIVE get --no-logs ../logs/new-two-logs/SYSTEM State Step
