$WINHIVE replay ../logs/old-one-log/SYSTEM --output=$TMP/out && cmp $TMP/out ../logs/old-one-log/expected.hive
