$WINHIVE replay --help
