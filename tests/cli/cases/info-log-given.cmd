# The logs of another folder in place of those beside the hive, of which there are none.
$WINHIVE info ../logs/dirty-no-logs/SYSTEM --log ../logs/new-two-logs/SYSTEM.LOG1 --log=../logs/new-two-logs/SYSTEM.LOG2
