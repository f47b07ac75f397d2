$WINHIVE replay --no-logs sample.hive -o $TMP/x
