H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE copy $H ControlSet001 Exact -s --exact
$WINHIVE list $H | grep '"path":"ControlSet001' | sed -E 's/ControlSet001//' > $TMP/a
$WINHIVE list $H | grep '"path":"Exact' | sed -E 's/Exact//' > $TMP/b
cmp $TMP/a $TMP/b && echo the same
$WINHIVE copy $H Select '' --exact
