mkdir $TMP/in
cp ../logs/dirty-no-logs/SYSTEM $TMP/in
cp sample.hive $TMP/in/SOFTWARE
$WINHIVE replay -r $TMP/in -o $TMP/out
code=$?
ls $TMP/out
exit $code
