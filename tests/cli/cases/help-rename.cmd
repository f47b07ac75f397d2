$WINHIVE rename --help
