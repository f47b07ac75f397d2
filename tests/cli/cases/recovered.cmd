$WINHIVE get ../logs/new-two-logs/SYSTEM State Step
