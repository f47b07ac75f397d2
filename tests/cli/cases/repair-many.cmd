$WINHIVE repair ../broken/cell-unowned.many.hive --dry-run | tail -n 3
$WINHIVE repair ../broken/base-signature.hive --dry-run --verbose
