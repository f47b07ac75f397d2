cp ../logs/new-one-log/SYSTEM* $TMP && chmod u+w $TMP/*
$WINHIVE replay $TMP/SYSTEM -o $TMP/SYSTEM -f
code=$?
cmp -s $TMP/SYSTEM ../logs/new-one-log/SYSTEM || echo the file has changed
exit $code
