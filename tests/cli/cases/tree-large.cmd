$WINHIVE tree lists-1.5.hive | tail -3
