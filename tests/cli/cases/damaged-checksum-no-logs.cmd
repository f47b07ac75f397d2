$WINHIVE tree --no-logs ../broken/base-checksum.hive
