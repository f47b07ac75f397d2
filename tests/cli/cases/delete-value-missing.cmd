H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE delete $H Select -v Nothing
echo $?
$WINHIVE delete $H Select -ve
echo $?
$WINHIVE delete $H Nothing -v Nothing
echo $?
cmp $H sample.hive && echo unchanged
