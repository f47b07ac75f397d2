H=$TMP/hive; cp sample.hive $H; chmod u+w $H
printf '%s\n' 'add A -v x -d 1' 'delete Select -va' 'delete Nothing' 'add B -k' > $TMP/script
$WINHIVE edit $H -i $TMP/script --backup
echo $?
printf '%s\n' 'add A -v x -d 1' '' 'add Select -v Current -d 1' > $TMP/script
$WINHIVE edit $H -i $TMP/script
echo $?
printf '%s\n' 'copy Beta New -s --from nothing.hive' > $TMP/script
$WINHIVE edit $H -i $TMP/script
echo $?
ls $TMP
cmp $H sample.hive && echo unchanged
