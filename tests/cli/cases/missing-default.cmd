$WINHIVE get sample.hive Select
