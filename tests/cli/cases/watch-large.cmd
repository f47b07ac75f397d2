. ../../tests/cli/watching.sh
# Big data, order of values, classes.
cp sample.hive $H; chmod u+w $H
head -c 40000 /dev/zero > $TMP/zeros
for i in 1 2 3 4 5 6; do echo "add Neu -v v$i -d $i"; done > $TMP/script
echo "add Neu -v big -t REG_BINARY --data-file $TMP/zeros" >> $TMP/script
$WINHIVE edit $H < $TMP/script > $TMP/done
begin --count 1
printf x | dd of=$TMP/zeros bs=1 seek=39999 conv=notrunc 2> $TMP/done
printf '%s\n' 'delete Neu -v v2' 'delete Neu -v v5' 'add Neu -v V3 -d drei -f' 'add Neu -v v2 -d neu' \
	"add Neu -v big -t REG_BINARY --data-file $TMP/zeros -f" 'add Neu\Sub -k --class C' |
	$WINHIVE edit $H > $TMP/done
end
