H=$TMP/hive; cp version-1.6.hive $H; chmod u+w $H
$WINHIVE add $H Neu -v New -d x
$WINHIVE get $H Neu New
