$WINHIVE roots ../windows/troubled
