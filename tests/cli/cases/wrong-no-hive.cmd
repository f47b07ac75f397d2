$WINHIVE info
