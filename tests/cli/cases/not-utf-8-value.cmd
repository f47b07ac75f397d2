$WINHIVE get sample.hive Select "$(printf 'a\377b')"
