$WINHIVE compact ../logs/dirty-no-logs/SYSTEM -o $TMP/out
echo $?
$WINHIVE compact ../logs/new-one-log/SYSTEM --no-logs -o $TMP/out
echo $?
ls $TMP
$WINHIVE compact ../logs/dirty-no-logs/SYSTEM -o $TMP/out --take-dirty 2>/dev/null
echo $?
$WINHIVE info $TMP/out | grep "^state"
