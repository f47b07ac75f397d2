H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE delete $H ControlSet002
echo $?
$WINHIVE delete $H 'ControlSet002\Control'
echo $?
cmp $H sample.hive && echo unchanged
$WINHIVE delete $H ControlSet002 -f
$WINHIVE delete $H controlset001 /f --json | sed 's/,"dry_run.*//'
$WINHIVE tree $H -d 1
