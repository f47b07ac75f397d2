$WINHIVE query --help
