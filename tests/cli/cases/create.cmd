$WINHIVE create $TMP/hive
$WINHIVE list $TMP/hive | sed -E 's/"last_written":[0-9]+/"last_written":N/'
$WINHIVE info $TMP/hive | grep -E '^(root key|version|state)'
for minor in 2 3 4 5 6; do
	$WINHIVE create $TMP/hive$minor --minor $minor --root-name "Root $minor"
	$WINHIVE add $TMP/hive$minor Key -v Value -t DWORD -d $minor
	$WINHIVE info $TMP/hive$minor | grep -E '^(root key|version)'
done
