$WINHIVE tree ../broken/hive-length.truncated-data.hive
