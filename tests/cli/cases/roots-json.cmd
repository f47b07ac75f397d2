$WINHIVE roots --json --user bob ../windows/troubled
