cp minimal.hive $TMP/-
cd $TMP
$WINHIVE tree -
