mkdir $TMP/in
cp ../logs/new-two-logs/SYSTEM* $TMP/in
chmod u+w $TMP/in/SYSTEM
dd if=/dev/zero of=$TMP/in/SYSTEM bs=512 count=1 conv=notrunc 2>/dev/null
cp ../broken/base-type.6.hive $TMP/in/type
$WINHIVE replay -r $TMP/in -o $TMP/out
