$WINHIVE tree ../broken/base-checksum.hive
