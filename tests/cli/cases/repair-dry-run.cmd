$WINHIVE repair --dry-run ../broken/key-signature.hive
$WINHIVE repair --dry-run ../broken/key-signature.hive -o $TMP/out --json
ls $TMP
