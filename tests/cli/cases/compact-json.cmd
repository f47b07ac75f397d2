$WINHIVE compact sample.hive -o $TMP/out --json
$WINHIVE compact ../broken/list-total.high.hive -o $TMP/out2 --json
