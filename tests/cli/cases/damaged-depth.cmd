$WINHIVE list ../broken/key-depth.513.hive | wc -l
