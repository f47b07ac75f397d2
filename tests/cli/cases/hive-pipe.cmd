mkfifo $TMP/pipe
$WINHIVE info $TMP/pipe
