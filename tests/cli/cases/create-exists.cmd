H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE create $H
echo $?
cmp $H sample.hive && echo unchanged
$WINHIVE create $H -f --json
$WINHIVE tree $H
$WINHIVE create $TMP
echo $?
$WINHIVE create /dev/null -f
echo $?
$WINHIVE create $TMP/no/folder
echo $?
