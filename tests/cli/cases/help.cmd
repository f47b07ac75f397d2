$WINHIVE --help
