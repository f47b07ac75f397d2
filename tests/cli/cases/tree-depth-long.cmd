$WINHIVE tree --depth=1 sample.hive
