$WINHIVE roots --user carol ../windows/sound
