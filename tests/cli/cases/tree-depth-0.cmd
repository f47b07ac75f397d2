$WINHIVE tree sample.hive -d 0
