$WINHIVE tree sample.hive -d -1
