cp ../logs/new-one-log/SYSTEM* $TMP && chmod u+w $TMP/*
$WINHIVE repair $TMP/SYSTEM -o $TMP/SYSTEM -f
echo $?
$WINHIVE repair $TMP/SYSTEM -o $TMP/SYSTEM.LOG1 -f
echo $?
cmp $TMP/SYSTEM ../logs/new-one-log/SYSTEM && echo unchanged
$WINHIVE repair $TMP/SYSTEM
echo $?
$WINHIVE repair $TMP/SYSTEM -o $TMP/out && $WINHIVE repair $TMP/SYSTEM -o $TMP/out
echo $?
$WINHIVE repair $TMP/SYSTEM -o $TMP/out -f
