$WINHIVE get ../logs/new-bad-bin/SYSTEM State Step
