$WINHIVE tree minimal.hive
