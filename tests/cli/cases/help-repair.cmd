$WINHIVE repair --help
