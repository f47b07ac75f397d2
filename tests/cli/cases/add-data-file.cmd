H=$TMP/hive; cp sample.hive $H; chmod u+w $H
printf 'a\000b' > $TMP/data
$WINHIVE add $H Neu -v file -t BINARY --data-file $TMP/data
printf 'x\000' | $WINHIVE add $H Neu -v input --data-file -
head -c 40000 /dev/zero > $TMP/zeros
$WINHIVE add $H Neu -v big -t 0x10 --data-file $TMP/zeros | tail -c 20
$WINHIVE get --raw $H Neu big | cmp - $TMP/zeros
$WINHIVE add $H Neu -v big -t 0x10 --data-file /dev/null -f | tail -c 60
$WINHIVE add $H Neu -v none --data-file $TMP/nothing
