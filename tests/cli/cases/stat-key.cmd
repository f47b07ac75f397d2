$WINHIVE stat sample.hive 'ControlSet001\Control\Lsa\JD'
