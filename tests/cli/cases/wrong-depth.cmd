$WINHIVE tree sample.hive -d two
