echo mine > $TMP/out
$WINHIVE replay ../logs/new-one-log/SYSTEM -o $TMP/out
code=$?
cat $TMP/out
ls -A $TMP
exit $code
