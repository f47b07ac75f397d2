mkdir $TMP/in
cp ../broken/bin-signature.hive $TMP/in/SYSTEM
$WINHIVE replay -r $TMP/in -o $TMP/out
