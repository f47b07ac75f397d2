$WINHIVE replay ../logs/new-two-logs/SYSTEM -o $TMP/out && cmp $TMP/out ../logs/new-two-logs/expected.hive
