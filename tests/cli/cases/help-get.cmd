$WINHIVE get --help
