$WINHIVE query ../windows/sound; echo $?
$WINHIVE query ../windows/sound 'SYSTEM\Select'; echo $?
$WINHIVE query ../broken HKLM; echo $?
$WINHIVE query sample.hive Select --user alice; echo $?
$WINHIVE info ../windows/sound 'HKLM\SAM' more; echo $?
$WINHIVE info sample.hive 'HKLM\SAM'; echo $?
$WINHIVE get ../windows/sound 'HKCU\Environment' nothing; echo $?
