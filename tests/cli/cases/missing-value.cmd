$WINHIVE get sample.hive Select Nope
