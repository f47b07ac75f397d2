$WINHIVE create --help
