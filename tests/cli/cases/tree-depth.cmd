$WINHIVE tree sample.hive -d 2
