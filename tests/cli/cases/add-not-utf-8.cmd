H=$TMP/hive; cp sample.hive $H; chmod u+w $H
bad=$(printf 'a\377b')
$WINHIVE add $H Neu -v x -d "$bad"
echo $?
$WINHIVE add $H Neu -v "$bad" -d x
echo $?
$WINHIVE add $H "$bad" -v x
echo $?
cmp $H sample.hive && echo unchanged
