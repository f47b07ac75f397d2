cp bins.hive $TMP/HIVE; cp ../logs/new-one-log/SYSTEM* $TMP; chmod u+w $TMP/*
$WINHIVE compact $TMP/HIVE --in-place --backup=$TMP/OLD; echo $?
cmp $TMP/OLD bins.hive && $WINHIVE list $TMP/HIVE > $TMP/a && $WINHIVE list $TMP/OLD | cmp - $TMP/a && echo the same
$WINHIVE compact $TMP/SYSTEM --in-place; echo $?
$WINHIVE list ../logs/new-one-log/expected.hive > $TMP/a && $WINHIVE list $TMP/SYSTEM | cmp - $TMP/a && wc -c < $TMP/SYSTEM.LOG1
$WINHIVE info $TMP/SYSTEM | grep -E "^(state|sequence)"
$WINHIVE compact $TMP/SYSTEM --in-place --backup --json; echo $?
cp ../broken/list-total.high.hive $TMP/HIVE
$WINHIVE compact $TMP/HIVE --in-place; echo $?
cmp $TMP/HIVE ../broken/list-total.high.hive && echo unchanged
