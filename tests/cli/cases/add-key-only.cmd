H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE add $H 'Neu\A\B' -k
$WINHIVE add $H 'neu\a' --key-only
$WINHIVE tree $H Neu
$WINHIVE add $H Neu -k -v x 2>&1 | head -1
