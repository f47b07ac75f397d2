$WINHIVE stat version-1.6.hive 'Supersede tree'
