$WINHIVE get --json sample.hive Types Multi
