$WINHIVE watch; echo $?
$WINHIVE watch sample.hive --count 0; echo $?
$WINHIVE watch sample.hive --timeout -1; echo $?
$WINHIVE watch sample.hive --timeout 1s; echo $?
$WINHIVE watch sample.hive --log sample.hive; echo $?
