$WINHIVE get --verbose ../logs/new-hash-broken/SYSTEM State Step
