$WINHIVE repair ../logs/dirty-no-logs/SYSTEM -o $TMP/out
echo $?
$WINHIVE info $TMP/out | grep "^state"
