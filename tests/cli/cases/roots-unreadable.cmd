# No hive of it can be read: the first one says why.
mkdir "$TMP/case" && echo text > "$TMP/case/SYSTEM"
$WINHIVE roots "$TMP/case"
