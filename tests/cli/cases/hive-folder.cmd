$WINHIVE info .
