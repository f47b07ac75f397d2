$WINHIVE get ../logs/dirty-no-logs/SYSTEM State Step --log ../logs/new-one-log/SYSTEM.LOG1
