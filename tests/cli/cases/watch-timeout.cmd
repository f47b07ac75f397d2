$WINHIVE watch sample.hive --timeout 1; echo $?
$WINHIVE watch sample.hive --timeout 1 --count 1; echo $?
