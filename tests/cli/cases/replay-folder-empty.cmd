mkdir $TMP/in
$WINHIVE replay -r $TMP/in -o $TMP/out
