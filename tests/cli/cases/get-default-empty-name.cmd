$WINHIVE get sample.hive Types ''
