$WINHIVE tree --json -d 1 sample.hive ControlSet001
