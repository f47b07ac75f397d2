# No more than 100 reports.
$WINHIVE list ../broken/cell-shared.lists.hive > $TMP/out 2> $TMP/err
code=$?
wc -l < $TMP/err
tail -1 $TMP/err
exit $code
