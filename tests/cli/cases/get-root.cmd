$WINHIVE get version-1.5.hive '' Nope
