# A key beside the way cannot be read; the way is written with slashes.
$WINHIVE query ../broken/cell-size-zero.key.hive Beta/Three
