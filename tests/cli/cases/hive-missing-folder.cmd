$WINHIVE info sample.hive/none
