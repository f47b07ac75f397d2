# Names with control characters and other odd ones.
$WINHIVE query names.hive Special
