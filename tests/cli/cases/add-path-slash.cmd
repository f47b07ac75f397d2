H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE add $H Select/New/Key -k
$WINHIVE add $H '\http://example' -k
# It is there now, and so is meant.
$WINHIVE add $H 'http://example' -v x -d 1
$WINHIVE tree $H Select
