cp ../logs/new-two-logs/SYSTEM* $TMP; chmod u+w $TMP/*
$WINHIVE add $TMP/SYSTEM State -v New -d x --backup
(cd $TMP && find . -type f -empty | sort; ls)
cmp $TMP/SYSTEM.bak ../logs/new-two-logs/SYSTEM
cmp $TMP/SYSTEM.bak.LOG1 ../logs/new-two-logs/SYSTEM.LOG1
cmp $TMP/SYSTEM.bak.LOG2 ../logs/new-two-logs/SYSTEM.LOG2
$WINHIVE query $TMP/SYSTEM State
$WINHIVE query $TMP/SYSTEM.bak State
$WINHIVE info $TMP/SYSTEM | grep ^state
