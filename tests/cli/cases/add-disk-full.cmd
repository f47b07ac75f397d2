cp sample.hive $TMP/hive
chmod u+w $TMP/hive
(
	trap '' XFSZ
	ulimit -f 1
	$WINHIVE add $TMP/hive Neu -v x -d 1
	echo $?
	$WINHIVE add $TMP/hive Neu -v x -d 1 --backup
	echo $?
	$WINHIVE create $TMP/new
	echo $?
)
ls $TMP
cmp $TMP/hive sample.hive && echo unchanged
