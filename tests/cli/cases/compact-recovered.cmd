$WINHIVE compact ../logs/new-one-log/SYSTEM -o $TMP/out && $WINHIVE list ../logs/new-one-log/expected.hive > $TMP/a && $WINHIVE list $TMP/out | cmp - $TMP/a && echo as Windows has it
