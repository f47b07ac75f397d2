$WINHIVE check ../broken/bin-signature.first.hive
