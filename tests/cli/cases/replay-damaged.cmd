$WINHIVE replay ../broken/bin-signature.hive -o $TMP/out
