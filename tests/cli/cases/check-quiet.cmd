$WINHIVE check -q ../broken/hive-length.truncated-page.hive
