# A path that is spelled like a switch.
$WINHIVE query sample.hive -- /s
