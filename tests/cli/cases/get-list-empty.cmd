$WINHIVE get sample.hive Types 'Empty multi'
