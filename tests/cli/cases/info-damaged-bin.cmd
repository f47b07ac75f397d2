$WINHIVE info ../broken/bin-signature.data.hive
