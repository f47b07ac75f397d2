cp ../logs/log-bad-checksum/SYSTEM* $TMP; chmod u+w $TMP/*
$WINHIVE add $TMP/SYSTEM State -v New -d x
echo $?
cmp $TMP/SYSTEM ../logs/log-bad-checksum/SYSTEM && echo unchanged
