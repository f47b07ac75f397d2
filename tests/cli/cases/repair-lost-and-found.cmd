$WINHIVE repair ../broken/key-depth.600.hive -o $TMP/1 | tail -n 1
$WINHIVE repair ../broken/key-depth.600.hive -o $TMP/2 --lost-and-found | tail -n 1
$WINHIVE tree $TMP/2 LostAndFound --depth 2
