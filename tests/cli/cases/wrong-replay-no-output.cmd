$WINHIVE replay sample.hive
