$WINHIVE query sample.hive 'CurrentControlSet\Control'
