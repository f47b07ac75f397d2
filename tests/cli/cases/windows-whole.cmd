W=../windows/sound
$WINHIVE info $W 'HKLM\SAM' | head -n 3
$WINHIVE list $W 'HKU\.DEFAULT'
$WINHIVE check $W HKCU
$WINHIVE compact $W 'HKLM\SAM' -o $TMP/SAM > $TMP/out && ls $TMP
$WINHIVE replay $W 'HKLM\SAM' -o $TMP/SAM2 > $TMP/out && ls $TMP
$WINHIVE check $W 'HKLM\SYSTEM\Select'; echo $?
$WINHIVE check $W; echo $?
$WINHIVE check $W HKLM; echo $?
