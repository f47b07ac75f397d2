$WINHIVE get ../logs/dirty-no-logs/SYSTEM State Step
