$WINHIVE watch --help
