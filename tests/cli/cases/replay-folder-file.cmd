$WINHIVE replay -r sample.hive -o $TMP/out
