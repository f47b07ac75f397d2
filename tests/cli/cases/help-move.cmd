$WINHIVE move --help
