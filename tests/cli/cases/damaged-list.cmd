$WINHIVE tree ../broken/list-signature.hive
