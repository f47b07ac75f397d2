H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE copy $H ControlSet001 'Copies\One' -s
$WINHIVE list $H | grep '"path":"ControlSet001' | sed -E 's/"last_written":[0-9]+,//; s/ControlSet001//' > $TMP/a
$WINHIVE list $H | grep '"path":"Copies.*One' | sed -E 's/"last_written":[0-9]+,//; s/Copies\\\\One//' > $TMP/b
wc -l < $TMP/a
cmp $TMP/a $TMP/b && echo the same
