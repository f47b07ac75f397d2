$WINHIVE get sample.hive
