$WINHIVE replay sample.hive -o $TMP/none/out
