$WINHIVE get ../logs/new-hash-broken/SYSTEM State Step
