$WINHIVE compact sample.hive -o $TMP/1
$WINHIVE compact $TMP/1 -o $TMP/2
cmp -l $TMP/1 $TMP/2 | wc -l
