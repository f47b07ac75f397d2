$WINHIVE compact sample.hive
echo $?
$WINHIVE compact $TMP/none -o $TMP/out
echo $?
