H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE add $H 'HKLM\SYSTEM\Select' -v x -d 1
echo $?
$WINHIVE add $H 'HKEY_LOCAL_MACHINE/SYSTEM/Select' -v x -d 1
echo $?
$WINHIVE add $H 'CurrentControlSet\Control' -v x -d 1
echo $?
cmp $H sample.hive && echo unchanged
$WINHIVE add $H '\HKLM\Select\' -v x -d 1
