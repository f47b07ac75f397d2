$WINHIVE info --help
