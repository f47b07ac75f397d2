H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE move $H ControlSet001 'ControlSet001\Control'
echo $?
$WINHIVE move $H 'ControlSet001\Control' ControlSet002
echo $?
$WINHIVE move $H ControlSet001 Nothing
echo $?
$WINHIVE move $H '' Select
echo $?
cmp $H sample.hive && echo unchanged
