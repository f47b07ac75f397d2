$WINHIVE watch $TMP/none --timeout 1
