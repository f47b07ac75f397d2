# Bytes that mean nothing in version 1.3 are not shown as times and ids.
$WINHIVE info old-remnants.hive
