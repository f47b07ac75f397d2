echo mine > $TMP/out
$WINHIVE compact sample.hive -o $TMP/out
code=$?
cat $TMP/out
$WINHIVE compact sample.hive -o $TMP/out -f
exit $code
