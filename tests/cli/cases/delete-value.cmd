H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE delete $H Select -v current
$WINHIVE delete $H 'ControlSet001\Control\ComputerName\ComputerName' -ve
$WINHIVE query $H Select
