$WINHIVE delete sample.hive Select -v x -va
