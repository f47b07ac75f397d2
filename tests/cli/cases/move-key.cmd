H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE move $H 'ControlSet001\Services\Tcpip' ''
$WINHIVE move $H Tcpip 'ControlSet002\Control'
$WINHIVE move $H Select Types --json | sed 's/,"dry_run.*//'
$WINHIVE tree $H 'ControlSet002'
