H=$TMP/hive; cp sample.hive $H; chmod u+w $H
SOURCE_DATE_EPOCH=86400 $WINHIVE add $H Neu -k
$WINHIVE stat $H Neu --utc | grep written
cp sample.hive $TMP/other
chmod u+w $TMP/other
SOURCE_DATE_EPOCH=86400 $WINHIVE add $TMP/other Neu -k
cmp $H $TMP/other
SOURCE_DATE_EPOCH=tomorrow $WINHIVE add $H Neu -k
