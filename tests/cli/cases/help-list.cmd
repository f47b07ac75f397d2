$WINHIVE list --help
