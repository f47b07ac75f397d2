$WINHIVE tree deep.hive | tail -2
