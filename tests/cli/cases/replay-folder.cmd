mkdir -p $TMP/in/config/RegBack
cp ../logs/new-one-log/SYSTEM* $TMP/in/config
cp sample.hive $TMP/in/config/RegBack/SOFTWARE
echo text > $TMP/in/config/notes
$WINHIVE replay -r $TMP/in -o $TMP/out
code=$?
(cd $TMP/out && find . -type f | sort)
cmp $TMP/out/config/SYSTEM ../logs/new-one-log/expected.hive
exit $code
