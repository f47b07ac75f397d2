$WINHIVE get sample.hive Types Dword
