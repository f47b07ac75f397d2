mkdir $TMP/in
cp ../logs/dirty-no-logs/SYSTEM $TMP/in
$WINHIVE replay -r $TMP/in -o $TMP/out
