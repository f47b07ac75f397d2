$WINHIVE get --json sample.hive Types qword
