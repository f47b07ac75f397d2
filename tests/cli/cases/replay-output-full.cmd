# The file is there, but nobody could be told.
$WINHIVE replay ../logs/new-one-log/SYSTEM -o $TMP/out > /dev/full
echo $?
cmp $TMP/out ../logs/new-one-log/expected.hive && echo same
