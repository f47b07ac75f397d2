$WINHIVE repair ../broken/values-cell.nil.hive -o $TMP/out --dropped $TMP/list
echo $?
cat $TMP/list
$WINHIVE repair ../broken/values-cell.nil.hive -o $TMP/out2 --dropped $TMP/list
echo $?
ls $TMP
