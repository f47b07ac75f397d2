$WINHIVE get sample.hive Types 'Dword big-endian'
