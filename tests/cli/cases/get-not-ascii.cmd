$WINHIVE get sample.hive Names/日本語 名前
