mkdir $TMP/in $TMP/out
cp sample.hive $TMP/in/SOFTWARE
echo mine > $TMP/out/SOFTWARE
$WINHIVE replay -r $TMP/in -o $TMP/out
code=$?
cat $TMP/out/SOFTWARE
exit $code
