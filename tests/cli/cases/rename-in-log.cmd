# The log fits below the limit, the page of the hive does not.
cp sample.hive $TMP/hive
chmod u+w $TMP/hive
(
	trap '' XFSZ
	ulimit -f 28
	$WINHIVE rename $TMP/hive 'Types\Big' Bigger
	echo $?
)
ls $TMP
$WINHIVE info $TMP/hive | grep ^state
$WINHIVE tree $TMP/hive Types
cp sample.hive $TMP/hive
rm $TMP/hive.LOG1
(
	trap '' XFSZ
	ulimit -f 28
	$WINHIVE rename $TMP/hive 'Types\Big' Bigger --json | sed -E 's/("(pages|log_bytes|hive_bytes|syncs)":)[0-9]+/\1N/g'
)
# And again, without the limit.
$WINHIVE rename $TMP/hive 'Types\bigger' Biggest
$WINHIVE info $TMP/hive | grep ^state
