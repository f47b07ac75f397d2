$WINHIVE get ../logs/new-two-logs/SYSTEM State Step --log ../logs/new-two-logs/SYSTEM.LOG1
