$WINHIVE get sample.hive Types 'Empty binary' | od -An -c
