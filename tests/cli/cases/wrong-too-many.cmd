$WINHIVE info a b
