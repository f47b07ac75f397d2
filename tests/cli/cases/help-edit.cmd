$WINHIVE edit --help
