H=$TMP/hive; cp ../logs/dirty-no-logs/SYSTEM $H; chmod u+w $H
$WINHIVE add $H State -v New -d x
echo $?
cmp $H ../logs/dirty-no-logs/SYSTEM && echo unchanged
$WINHIVE add $H State -v New -d x --take-dirty
$WINHIVE info $H | grep ^state
$WINHIVE query $H State
