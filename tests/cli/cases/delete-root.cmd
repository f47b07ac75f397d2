H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE delete $H '' -f
echo $?
cmp $H sample.hive && echo unchanged
