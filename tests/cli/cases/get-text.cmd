$WINHIVE get sample.hive Types String
