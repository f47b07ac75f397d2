for hive in ../broken/not-a-hive.zeros.hive ../broken/base-major.hive version-1.1.hive $TMP/none; do
$WINHIVE repair $hive -o $TMP/out
echo $?
$WINHIVE repair $hive -o $TMP/out --json
done
ls $TMP
