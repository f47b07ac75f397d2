$WINHIVE replay $TMP/none -o $TMP/out
