$WINHIVE query sample.hive ControlSet001 /s /v Start
