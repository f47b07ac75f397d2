. ../../tests/cli/watching.sh
# Another file gets the name, and the same again with other times only: that is no change.
cp sample.hive $H; chmod u+w $H
cp $H $TMP/next
$WINHIVE add $TMP/next Neu -v New -d x > $TMP/done
begin --count 2
mv $TMP/next $H; told 1
cp $H $TMP/next; mv $TMP/next $H
sleep 1
rm $H; sleep 0.3; cp sample.hive $H
end
