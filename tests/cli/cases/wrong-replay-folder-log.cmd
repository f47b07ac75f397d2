$WINHIVE replay -r . --log x -o $TMP/x
