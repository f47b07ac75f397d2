$WINHIVE query /? | head -1
