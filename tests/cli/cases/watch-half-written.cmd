. ../../tests/cli/watching.sh
cp sample.hive $H; chmod u+w $H
cp $H $TMP/next
$WINHIVE add $TMP/next Neu -v New -d x > $TMP/done
begin --count 1
head -c 5000 $TMP/next > $H
sleep 0.7
cat $TMP/next > $H
end
