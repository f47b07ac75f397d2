$WINHIVE add $TMP/hive Neu -k
echo $?
$WINHIVE add $TMP Neu -k
echo $?
mkfifo $TMP/pipe
$WINHIVE add $TMP/pipe Neu -k
echo $?
cp ../broken/not-a-hive.text.hive $TMP/text
$WINHIVE add $TMP/text Neu -k
echo $?
