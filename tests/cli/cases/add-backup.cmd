H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE add $H Neu -v x -d 1 --backup
cp $H $TMP/second
$WINHIVE add $H Neu -v x -d 2 -f --backup
$WINHIVE add $H Neu -v x -d 3 -f --backup=$TMP/kept
$WINHIVE add $H Neu -v x -d 4 -f --backup=$TMP/kept
echo $?
cmp $TMP/hive.bak sample.hive
cmp $TMP/hive.bak1 $TMP/second
$WINHIVE get $TMP/kept Neu x
$WINHIVE get $H Neu x
# No backup of a hive that is not changed.
$WINHIVE add $H Neu -v x -d 5 --backup
ls $TMP
