H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE add $H 'Target\Control' -v CurrentUser -d mine > $TMP/said
$WINHIVE add $H 'Target\Control' -v Other -d mine > $TMP/said
cp $H $TMP/before
$WINHIVE copy $H ControlSet001 Target -s
echo $?
cmp $H $TMP/before && echo unchanged
$WINHIVE copy $H ControlSet001 Target -s -f
$WINHIVE query $H 'Target\Control'
