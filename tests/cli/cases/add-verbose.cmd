H=$TMP/hive; cp sample.hive $H; chmod u+w $H
# How much is written is the matter of other tests.
$WINHIVE add $H Select -v Current -t DWORD -d 2 -f --verbose | sed 's/ [0-9][0-9]* / N /g'
$WINHIVE add $H Select -v Current -t DWORD -d 3 -f --verbose --log-format old |
	sed 's/ [0-9][0-9]* / N /g'
$WINHIVE add $H Select -v Current -t DWORD -d 3 -f --log-format older
