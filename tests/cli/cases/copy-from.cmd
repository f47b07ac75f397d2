H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE copy $H 'Key names' New -s --from version-1.3.hive
$WINHIVE tree version-1.3.hive 'Key names'
$WINHIVE tree $H New
$WINHIVE copy $H '' Whole -s --from version-1.5.hive
$WINHIVE copy $H 'Key names' New --from $TMP/nothing
echo $?
$WINHIVE copy $H State New --from ../logs/dirty-no-logs/SYSTEM
echo $?
$WINHIVE copy $H State New --from ../logs/new-two-logs/SYSTEM
