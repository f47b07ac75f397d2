cp ../broken/list-leaf-cell.nil.hive $TMP/HIVE; chmod u+w $TMP/HIVE
ln $TMP/HIVE $TMP/OTHER
$WINHIVE repair $TMP/HIVE --in-place --backup; echo $?
$WINHIVE repair $TMP/HIVE --in-place --json; echo $?
rm $TMP/OTHER; echo mine > $TMP/OLD
$WINHIVE repair $TMP/HIVE --in-place --backup=$TMP/OLD; echo $?
cmp $TMP/HIVE ../broken/list-leaf-cell.nil.hive && ls $TMP
$WINHIVE repair $TMP/HIVE --in-place -o $TMP/out; echo $?
$WINHIVE repair $TMP/HIVE --in-place -f; echo $?
$WINHIVE repair $TMP/HIVE --in-place --no-logs; echo $?
$WINHIVE repair $TMP/HIVE --in-place --log $TMP/OLD; echo $?
$WINHIVE repair $TMP/HIVE -o $TMP/out --backup; echo $?
$WINHIVE repair $TMP/HIVE --in-place --dry-run --backup; echo $?
$WINHIVE repair $TMP/HIVE; echo $?
$WINHIVE compact $TMP/HIVE --backup; echo $?
cmp $TMP/HIVE ../broken/list-leaf-cell.nil.hive && ls $TMP
