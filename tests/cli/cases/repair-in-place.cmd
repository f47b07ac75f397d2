cp ../broken/list-leaf-cell.nil.hive $TMP/HIVE; chmod 640 $TMP/HIVE; echo log > $TMP/HIVE.LOG1
$WINHIVE repair $TMP/HIVE --in-place --dry-run; echo $?
cmp $TMP/HIVE ../broken/list-leaf-cell.nil.hive && ls $TMP
$WINHIVE repair $TMP/HIVE --in-place --backup; echo $?
$WINHIVE check $TMP/HIVE
cmp $TMP/HIVE.bak ../broken/list-leaf-cell.nil.hive && wc -c < $TMP/HIVE.LOG1 && cat $TMP/HIVE.bak.LOG1 && stat -c %a $TMP/HIVE
$WINHIVE repair $TMP/HIVE --in-place --backup --json; echo $?
cp ../broken/values-cell.nil.hive $TMP/HIVE
$WINHIVE repair $TMP/HIVE --in-place --dropped $TMP/list; echo $?
ls $TMP
