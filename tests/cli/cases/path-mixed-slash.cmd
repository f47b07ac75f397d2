# One of these slashes is part of a name, so they cannot separate.
$WINHIVE query sample.hive 'Names/Forward/slash'
