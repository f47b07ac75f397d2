# No key of that name can be read, but one of another name cannot.
$WINHIVE query ../broken/key-signature.hive 'Beta\Nope'
