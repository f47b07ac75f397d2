$WINHIVE --version
