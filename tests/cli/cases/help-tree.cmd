$WINHIVE tree --help
