cp -r ../windows/troubled $TMP/win; chmod -R u+w $TMP/win; W=$TMP/win
$WINHIVE query $W 'HKLM\SAM\SAM'; echo $?
$WINHIVE query $W 'HKLM\SECURITY'; echo $?
$WINHIVE query $W 'HKCU\Environment'; echo $?
$WINHIVE query $W HKCU --user BOB | head -n 4
$WINHIVE query $W HKCU --user nobody; echo $?
$WINHIVE add $W 'HKLM\SYSTEM\Select' -v Current -t DWORD -d 1 -f; echo $?
$WINHIVE add $W 'HKLM\SYSTEM\Select' -v Current -t DWORD -d 1 -f --dry-run
$WINHIVE add $W 'HKLM\SYSTEM\Select' -v Current -t DWORD -d 1 -f --take-hibernated
