$WINHIVE create $TMP/hive --minor 1
echo $?
$WINHIVE create $TMP/hive --minor 5x
echo $?
$WINHIVE create $TMP/hive --root-name ''
echo $?
ls $TMP
