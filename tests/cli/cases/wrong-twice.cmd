$WINHIVE tree -d 1 -d 2 sample.hive
