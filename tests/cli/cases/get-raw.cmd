$WINHIVE get --raw sample.hive Types Multi | od -An -tx1
