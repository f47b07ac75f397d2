H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE copy $H 'ControlSet001\Services\Tcpip' 'New\Place'
$WINHIVE query $H 'New\Place'
$WINHIVE copy $H Select 'Select\Below'
$WINHIVE query $H 'Select\Below'
$WINHIVE copy $H 'Types\Class' Class
$WINHIVE stat $H Class | grep ^class
