$WINHIVE stat version-1.6.hive 'Inherit class' -v Deleted
