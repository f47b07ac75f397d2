$WINHIVE check -q --verbose sample.hive
