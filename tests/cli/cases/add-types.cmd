H=$TMP/hive; cp sample.hive $H; chmod u+w $H
add() { $WINHIVE add $H Neu "$@" || echo "exit $?"; }
add -v sz -d 'Text with "quotes" and C:\ at the end\'
add -v none -t none -d text
add -v none-empty -t REG_NONE
add -v expand -t Expand_Sz -d '%SystemRoot%'
add -v binary -t REG_BINARY -d 00fF
add -v binary-odd -t REG_BINARY -d abc
add -v binary-empty -t REG_BINARY
add -v dword -t dword -d 4294967295
add -v dword-hex -t DWORD_little_endian -d 0xFfFf
add -v dword-zeros -t dword -d 0010
add -v dword-big -t dword_big_endian -d 1
add -v qword -t qword -d 18446744073709551615
add -v qword-minus -t qword -d -1
add -v qword-missing -t qword
add -v link -t link -d '\Registry\Machine'
add -v multi -t multi_sz -d 'one\0two'
add -v multi-end -t multi_sz -d 'one\0two\0'
add -v multi-empty -t multi_sz
add -v multi-colon -t multi_sz -s : -d 'one:C\0:'
add -v multi-euro -t multi_sz -s € -d 'one€two'
add -v resource -t 8 -d 0102
add -v account -t 0x1f4
add -v property -t 0xffff0012 -d 0100
add -v '日本語' -d 'Ünïcödé 😀'
add -ve -d default
echo
for name in sz none none-empty expand binary binary-odd dword-big multi multi-end multi-empty \
	multi-colon link; do
	echo "$name: $($WINHIVE get $H Neu $name --json | sed 's/.*"data"://; s/,"value.*//; s/}//')"
done
$WINHIVE query $H Neu
