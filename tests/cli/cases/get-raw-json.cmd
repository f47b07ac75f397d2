$WINHIVE get --raw --json sample.hive Types Dword | od -An -tx1
