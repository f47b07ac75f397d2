# What the logs changed.
$WINHIVE list ../logs/new-two-logs/SYSTEM > $TMP/with
$WINHIVE list --no-logs ../logs/new-two-logs/SYSTEM | diff - $TMP/with
