. ../../tests/cli/watching.sh
cp sample.hive $H; chmod u+w $H
begin --count 2 --json
$WINHIVE add $H Neu -v New -d x > $TMP/done; told 1
$WINHIVE delete $H Neu -f > $TMP/done
end
