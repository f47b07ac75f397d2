cp ../logs/new-one-log/SYSTEM* $TMP && chmod u+w $TMP/*
$WINHIVE compact $TMP/SYSTEM -o $TMP/SYSTEM -f
echo $?
$WINHIVE compact $TMP/SYSTEM -o $TMP/SYSTEM.LOG1 -f
echo $?
cmp $TMP/SYSTEM ../logs/new-one-log/SYSTEM && echo unchanged
