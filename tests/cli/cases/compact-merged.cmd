$WINHIVE compact ../broken/security-twice.hive -o $TMP/out
