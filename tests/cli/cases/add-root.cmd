H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE add $H '' -v x -d 1
$WINHIVE add $H '\' -v y -d 1
$WINHIVE query $H -v y
