# The path is the one that leads to the key, not the one that the key claims.
$WINHIVE query ../broken/key-parent.other.hive 'Beta\Two' --json
