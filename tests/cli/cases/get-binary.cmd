$WINHIVE get sample.hive Types Binary
