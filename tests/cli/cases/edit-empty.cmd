H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE edit $H --backup < /dev/null
$WINHIVE edit $H -i $TMP/nothing
echo $?
ls $TMP
cmp $H sample.hive && echo unchanged
