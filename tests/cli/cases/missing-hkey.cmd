$WINHIVE query sample.hive 'HKEY_LOCAL_MACHINE\SYSTEM\Select'
