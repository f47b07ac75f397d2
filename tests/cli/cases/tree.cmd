$WINHIVE tree sample.hive
