H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE rename $H 'ControlSet001\Services\Tcpip' 'Tcpip.off'
$WINHIVE rename $H select SELECT
$WINHIVE tree $H -d 1
$WINHIVE tree $H 'ControlSet001\Services'
