$WINHIVE repair ../broken/list-leaf-cell.nil.hive -o $TMP/out && $WINHIVE check $TMP/out && $WINHIVE list $TMP/out | cut -c1-60
$WINHIVE repair sample.hive -o $TMP/sample && $WINHIVE list sample.hive > $TMP/a && $WINHIVE list $TMP/sample | cmp - $TMP/a && echo the same
