H=$TMP/hive; cp version-1.1.hive $H; chmod u+w $H
$WINHIVE add $H Neu -v New -d x
echo $?
cmp $H version-1.1.hive
