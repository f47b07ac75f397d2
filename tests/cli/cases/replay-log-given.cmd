$WINHIVE replay ../logs/dirty-no-logs/SYSTEM --log ../logs/new-one-log/SYSTEM.LOG1 -o $TMP/out &&
	cmp $TMP/out ../logs/new-one-log/expected.hive
