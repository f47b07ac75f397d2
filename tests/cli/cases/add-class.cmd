H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE add $H 'Neu\A' -k --class 'A class'
$WINHIVE stat $H Neu | grep ^class
$WINHIVE stat $H 'Neu\A' | grep ^class
$WINHIVE add $H 'Neu\A' -k --class Another
