$WINHIVE stat --json sample.hive 'ControlSet001\Control\Lsa\JD'
