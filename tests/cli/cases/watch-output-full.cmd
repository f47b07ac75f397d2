# It does not go on for nobody.
. ../../tests/cli/watching.sh
cp sample.hive $H; chmod u+w $H
: > $TMP/out; : > $TMP/err
$WINHIVE watch $H --verbose --timeout 60 > /dev/full 2> $TMP/err &
until_there watching $TMP/err 1
$WINHIVE add $H Neu -v New -d x > $TMP/done
end
