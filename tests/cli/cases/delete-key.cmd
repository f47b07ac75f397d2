H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE delete $H Select --backup
cmp $TMP/hive.bak sample.hive
$WINHIVE tree $H -d 1
$WINHIVE delete $H Select
