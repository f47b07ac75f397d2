H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE add $H Select -v Current -t DWORD -d 2 -f --dry-run
$WINHIVE add $H Neu -v Current -t DWORD -d 2 --dry-run --json
$WINHIVE add sample.hive Neu -v x --dry-run > /dev/null
echo $?
$WINHIVE add $H Select -v Current -t DWORD -d 2 --dry-run
echo $?
cmp $H sample.hive && echo unchanged
ls $TMP
