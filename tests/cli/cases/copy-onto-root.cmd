H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE copy $H ControlSet002 '' -s
$WINHIVE copy $H Select \\
$WINHIVE query $H
