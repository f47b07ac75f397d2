$WINHIVE compact ../broken/list-total.high.hive -o $TMP/out
echo $?
$WINHIVE compact ../broken/list-total.high.hive -o $TMP/out --verbose
echo $?
ls $TMP
