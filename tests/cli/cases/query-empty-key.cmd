# A key without values and subkeys: nothing to print, and nothing wrong.
$WINHIVE query sample.hive 'Types\Empty'
