$WINHIVE compact version-1.1.hive -o $TMP/out
