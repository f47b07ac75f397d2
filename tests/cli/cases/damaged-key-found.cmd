# The key that is looked for cannot be read.
$WINHIVE query ../broken/key-signature.hive 'Beta\Two'
