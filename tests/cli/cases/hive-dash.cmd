# Standard input is not a hive: "-" is the name of a file.
$WINHIVE info - < sample.hive
