$WINHIVE query -v a -ve sample.hive
