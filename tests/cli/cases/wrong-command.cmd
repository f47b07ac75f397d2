$WINHIVE frob
