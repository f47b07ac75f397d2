$WINHIVE info $TMP/none
