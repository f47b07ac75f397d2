H=$TMP/hive; cp sample.hive $H; chmod u+w $H
flock $H $WINHIVE add $H Neu -v New -d x
echo $?
flock $H $WINHIVE add $H Neu -v New -d x --dry-run
cmp $H sample.hive && echo unchanged
