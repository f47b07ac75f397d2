$WINHIVE check old-remnants.hive
