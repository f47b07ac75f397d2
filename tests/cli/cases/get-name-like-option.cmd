$WINHIVE get sample.hive Select -- -v
