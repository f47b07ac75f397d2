mkdir "$TMP/empty"
$WINHIVE roots "$TMP/empty"
