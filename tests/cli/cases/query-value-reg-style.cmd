$WINHIVE query sample.hive Select /V current
