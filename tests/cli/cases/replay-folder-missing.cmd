$WINHIVE replay -r $TMP/none -o $TMP/out
code=$?
ls $TMP
exit $code
