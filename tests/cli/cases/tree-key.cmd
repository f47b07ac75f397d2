$WINHIVE tree sample.hive 'ControlSet001\Control'
