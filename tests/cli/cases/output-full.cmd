$WINHIVE list sample.hive > /dev/full
