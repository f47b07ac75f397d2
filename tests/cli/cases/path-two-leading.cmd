# Two backslashes in front are the start of the name of a computer.
$WINHIVE query sample.hive '\\ControlSet001'
