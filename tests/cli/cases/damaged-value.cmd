$WINHIVE query ../broken/value-signature.hive Alpha
