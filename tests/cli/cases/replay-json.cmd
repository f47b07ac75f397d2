$WINHIVE replay --json sample.hive -o $TMP/out
