$WINHIVE query sample.hive 'Names\Forward/slash'
