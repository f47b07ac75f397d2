$WINHIVE get --raw ../broken/value-big-data.segment-free.hive '' Big > $TMP/x
code=$?
wc -c < $TMP/x
exit $code
