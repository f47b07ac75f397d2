H=$TMP/hive; cp sample.hive $H; chmod u+w $H
printf 'add A -k\r\nadd B -k\r\n# end' | $WINHIVE edit $H
printf '\357\273\277add C -k' | $WINHIVE edit $H --json | sed 's/,"dry_run.*//'
$WINHIVE tree $H -d 1
