$WINHIVE get sample.hive Types Multi
