$WINHIVE get sample.hive Types Qword
