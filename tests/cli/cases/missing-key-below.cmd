$WINHIVE get sample.hive 'ControlSet001\Control\Nope\More' x
