# A folder with hives, of which nothing more is known.
mkdir "$TMP/case" && cp sample.hive "$TMP/case/system" && cp minimal.hive "$TMP/case/NTUSER.DAT"
$WINHIVE roots "$TMP/case"
