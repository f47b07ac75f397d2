$WINHIVE query sample.hive "$(printf 'a\377b')"
