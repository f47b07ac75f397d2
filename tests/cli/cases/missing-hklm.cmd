$WINHIVE query sample.hive 'HKLM\SYSTEM\Select'
