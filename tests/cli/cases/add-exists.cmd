H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE add $H Select -v Current -t REG_DWORD -d 2
echo $?
cmp $H sample.hive && echo unchanged
