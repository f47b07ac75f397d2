$WINHIVE delete --help
