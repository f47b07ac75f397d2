# A clash below the key, of the default value and of one with a name.
H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE add $H 'To\ComputerName\ComputerName' -ve -d mine > $TMP/said
$WINHIVE copy $H 'ControlSet001\Control' To -s
$WINHIVE delete $H 'To\ComputerName\ComputerName' -ve
$WINHIVE add $H 'To\ComputerName\ComputerName' -v computername -d mine
$WINHIVE copy $H 'ControlSet001\Control' To -s
$WINHIVE copy $H 'ControlSet001\Control' / -s
