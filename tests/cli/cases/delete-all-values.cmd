H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE delete $H Types -va | wc -l
$WINHIVE query $H Types
$WINHIVE delete $H Types -va
echo $?
$WINHIVE delete $H Select -va --json | sed 's/,"dry_run.*//'
