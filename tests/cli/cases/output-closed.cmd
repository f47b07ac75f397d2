$WINHIVE tree sample.hive >&-
