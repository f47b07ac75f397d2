cp ../logs/new-two-logs/SYSTEM* $TMP; chmod u+w $TMP/*
$WINHIVE add $TMP/SYSTEM State -v New -d x --no-logs
echo $?
$WINHIVE add $TMP/SYSTEM State -v New -d x --log $TMP/SYSTEM.LOG1
echo $?
cmp $TMP/SYSTEM ../logs/new-two-logs/SYSTEM && cmp $TMP/SYSTEM.LOG2 ../logs/new-two-logs/SYSTEM.LOG2
