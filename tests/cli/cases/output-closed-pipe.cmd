# A reader that has seen enough is no error.
$WINHIVE list lists-1.5.hive | head -1
