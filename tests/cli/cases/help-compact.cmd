$WINHIVE compact --help
