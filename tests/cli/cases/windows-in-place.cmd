cp -r ../windows/troubled $TMP/win; chmod -R u+w $TMP/win; W=$TMP/win
$WINHIVE repair $W 'HKLM\SYSTEM' --in-place; echo $?
$WINHIVE compact $W 'HKLM\SYSTEM' --in-place; echo $?
$WINHIVE repair $W 'HKLM\SYSTEM' --dry-run; echo $?
$WINHIVE repair $W 'HKLM\SYSTEM' -o $TMP/out --take-hibernated; echo $?
$WINHIVE repair $W 'HKLM\SYSTEM' --in-place --dry-run; echo $?
$WINHIVE repair $W 'HKLM\SYSTEM' --in-place --take-hibernated --backup=$TMP/OLD; echo $?
$WINHIVE compact $W 'HKLM\SYSTEM\Select' --in-place --take-hibernated; echo $?
$WINHIVE check $W 'HKLM\SYSTEM'
ls $TMP
