$WINHIVE tree ../broken/bin-signature.data.hive
