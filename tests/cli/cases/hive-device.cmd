$WINHIVE info /dev/null
