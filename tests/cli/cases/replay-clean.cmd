$WINHIVE replay sample.hive -o $TMP/out && cmp $TMP/out sample.hive
