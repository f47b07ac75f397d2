cp ../logs/old-one-log/SYSTEM* $TMP; chmod u+w $TMP/*
$WINHIVE add $TMP/SYSTEM State -v New -d x
$WINHIVE query $TMP/SYSTEM State
$WINHIVE info $TMP/SYSTEM | grep ^state
