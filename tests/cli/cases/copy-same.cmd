H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE copy $H Select select
echo $?
$WINHIVE copy $H Select Select -s -f
echo $?
$WINHIVE copy $H ControlSet001 'ControlSet001\Control\New' -s
echo $?
$WINHIVE copy $H '' 'Select\New' -s
echo $?
$WINHIVE copy $H Nothing New
echo $?
cmp $H sample.hive && echo unchanged
