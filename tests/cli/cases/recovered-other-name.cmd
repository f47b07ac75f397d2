$WINHIVE get ../logs/new-other-name/SYSTEM State Step
