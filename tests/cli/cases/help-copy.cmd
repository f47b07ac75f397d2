$WINHIVE copy --help
