# Entries 11 and 12 are in a log that is not there.
$WINHIVE info --verbose ../logs/new-two-logs/SYSTEM --log ../logs/new-two-logs/SYSTEM.LOG2
