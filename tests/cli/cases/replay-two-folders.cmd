mkdir $TMP/a $TMP/b
$WINHIVE replay -r $TMP/a $TMP/b -o $TMP/out
