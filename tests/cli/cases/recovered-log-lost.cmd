$WINHIVE get ../logs/new-log2-broken/SYSTEM State Step
