H=$TMP/hive; cp ../broken/list-total.high.hive $H; chmod u+w $H
$WINHIVE add $H Neu -v New -d x
echo $?
cmp $H ../broken/list-total.high.hive && echo unchanged
$WINHIVE add $H Neu -v New -d x --take-damaged
echo $?
$WINHIVE get $H Neu New
