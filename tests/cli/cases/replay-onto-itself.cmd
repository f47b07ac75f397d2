cp ../logs/new-one-log/SYSTEM* $TMP && chmod u+w $TMP/*
$WINHIVE replay $TMP/SYSTEM -o $TMP/SYSTEM
