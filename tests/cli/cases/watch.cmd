. ../../tests/cli/watching.sh
cp sample.hive $H; chmod u+w $H
begin --count 5
$WINHIVE add $H Neu -v New -d x > $TMP/done; told 1
printf '%s\n' 'add Neu -v New -d y -f' 'add Neu -v Other -t REG_DWORD -d 7' 'add Neu\Below -k' |
	$WINHIVE edit $H > $TMP/done; told 2
printf '%s\n' 'rename Neu nEU' 'rename nEU -v New NEW' 'delete nEU -v Other' |
	$WINHIVE edit $H > $TMP/done; told 3
printf '%s\n' 'delete nEU\Below' 'add nEU\Below -k --class C' |
	$WINHIVE edit $H > $TMP/done; told 4
$WINHIVE delete $H Neu -f > $TMP/done
end
