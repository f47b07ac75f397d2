# The value that is looked for may be the one that cannot be read.
$WINHIVE get ../broken/value-signature.hive Alpha Number
