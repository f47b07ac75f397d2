H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE add $H 'Neu\A' -v 'x"\y' -t MULTI_SZ -d 'one\0two' --json --backup |
	sed -E 's/("(pages|log_bytes|hive_bytes|syncs)":)[0-9]+/\1N/g'
$WINHIVE add $H Select -v Current -d 1 -f --json |
	sed -E 's/("(pages|log_bytes|hive_bytes|syncs)":)[0-9]+/\1N/g'
# Nothing is printed if nothing is done.
$WINHIVE add $H Select -v Current -d 1 --json
