H=$TMP/hive; cp sample.hive $H; chmod u+w $H
printf '%s\n' 'delete ControlSet001' 'add ControlSet001 -v x -d 1' > $TMP/script
$WINHIVE edit $H -i $TMP/script --dry-run
echo $?
$WINHIVE edit $H -i $TMP/script -f --dry-run
cmp $H sample.hive && echo unchanged
