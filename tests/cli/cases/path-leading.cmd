$WINHIVE query sample.hive '\ControlSet001\Control\Lsa'
