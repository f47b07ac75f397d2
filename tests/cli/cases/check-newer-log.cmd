$WINHIVE check ../logs/clean-with-newer-log/SYSTEM
$WINHIVE check --json ../logs/clean-with-newer-log/SYSTEM
