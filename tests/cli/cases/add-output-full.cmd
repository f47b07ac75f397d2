H=$TMP/hive; cp sample.hive $H; chmod u+w $H
# The edit is done, but not all of what is said about it.
$WINHIVE add $H Neu -v x -d 1 > /dev/full
echo $?
$WINHIVE get $H Neu x
