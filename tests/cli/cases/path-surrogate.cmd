# An unpaired surrogate as the three bytes its number would have.
$WINHIVE query --json sample.hive "$(printf 'Names\\Unpaired \355\240\275 surrogate')"
