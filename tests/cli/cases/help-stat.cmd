$WINHIVE stat --help
