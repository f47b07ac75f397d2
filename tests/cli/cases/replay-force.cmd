echo mine > $TMP/out
$WINHIVE replay -f ../logs/new-one-log/SYSTEM -o $TMP/out && cmp $TMP/out ../logs/new-one-log/expected.hive && ls -A $TMP
