cp ../logs/log-bad-checksum/SYSTEM.LOG1 $TMP/sample.hive.LOG1
cp ../logs/old-pages-missing/SYSTEM.LOG1 $TMP/sample.hive.LOG2
head -c 900 ../logs/old-bad-bin/SYSTEM.LOG1 > $TMP/sample.hive.LOG
cp sample.hive $TMP
$WINHIVE check $TMP/sample.hive
