$WINHIVE compact bins.hive -o $TMP/out && $WINHIVE list bins.hive > $TMP/a && $WINHIVE list $TMP/out > $TMP/b && cmp $TMP/a $TMP/b && $WINHIVE info $TMP/out | grep -E "^(file    |cells)"
