$WINHIVE add --help
