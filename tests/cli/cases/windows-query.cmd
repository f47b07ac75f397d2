W=../windows/sound
$WINHIVE query $W 'HKLM\SYSTEM\CurrentControlSet\Control\ComputerName' -s
$WINHIVE query $W hkey_local_machine/software/microsoft -s -v ProductName
$WINHIVE query $W 'Computer\HKEY_CURRENT_USER' --user alice
$WINHIVE query $W HKLM
$WINHIVE query $W HKU
$WINHIVE query $W 'HKCR\.txt'
$WINHIVE query $W 'HKCR\.txt' -ve --json
$WINHIVE query $W HKCR -s -v nothing; echo $?
$WINHIVE tree $W 'HKLM\SYSTEM' -d 1
$WINHIVE get $W 'HKLM\SYSTEM\CurrentControlSet\Services\Dhcp' ImagePath
$WINHIVE stat $W 'HKCC' | head -n 1; echo $?
$WINHIVE tree $W 'HKCR'; echo $?
$WINHIVE query $W 'HKLM\SOFTWARE\Vendor' /reg:32; echo $?
$WINHIVE query $W 'HKLM\SOFTWARE\Microsoft' --view-64
$WINHIVE query $W 'HKLM\SOFTWARE' --view-64 /reg:32; echo $?
