$WINHIVE replay ../logs/dirty-no-logs/SYSTEM -o $TMP/out
code=$?
ls $TMP
exit $code
