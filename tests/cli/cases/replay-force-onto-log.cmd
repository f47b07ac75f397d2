cp ../logs/new-one-log/SYSTEM* $TMP && chmod u+w $TMP/*
$WINHIVE replay $TMP/SYSTEM -o $TMP/SYSTEM.LOG1 -f
code=$?
cmp -s $TMP/SYSTEM.LOG1 ../logs/new-one-log/SYSTEM.LOG1 || echo the file has changed
exit $code
