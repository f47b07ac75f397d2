$WINHIVE roots ../windows/sound
