H=$TMP/hive; cp sample.hive $H; chmod u+w $H
add() { $WINHIVE add $H Neu -v x "$@" 2>&1 | head -1; }
add -t REG_FOO
add -t ''
add -t 0x100000000
add -t REG_0x1
add -t DWORD
add -t DWORD -d ''
add -t DWORD -d -1
add -t DWORD -d 4294967296
add -t DWORD -d 0x1ffffffff
add -t DWORD -d 0x
add -t DWORD -d 00x1
add -t DWORD -d 1x
add -t DWORD -d ' 1'
add -t QWORD -d -0x1
add -t QWORD -d 18446744073709551616
add -t QWORD -d -9223372036854775809
add -t BINARY -d 0x12
add -t BINARY -d '12 34'
add -t MULTI_SZ -d '\0one'
add -t MULTI_SZ -d 'one\0\0two'
add -t MULTI_SZ -d '\0'
add -t MULTI_SZ -d 'one;;two' -s ';'
add -t MULTI_SZ -d one -s ''
add -t MULTI_SZ -d one -s '\0'
add -t SZ -d one -s ';'
add -d one --data-file x
add -ve
$WINHIVE add $H Neu -v x -t REG_FOO 2>/dev/null
echo $?
cmp $H sample.hive && echo unchanged
