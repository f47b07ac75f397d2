cp -r ../windows/sound $TMP/win; chmod -R u+w $TMP/win; W=$TMP/win
$WINHIVE add $W 'HKLM\SYSTEM\CurrentControlSet\Services\Dhcp' -v Start -t DWORD -d 4 -f --dry-run
$WINHIVE add $W 'HKLM\SYSTEM\CurrentControlSet\Services\Dhcp' -v Start -t DWORD -d 4 -f --backup
$WINHIVE get $W/Windows/System32/config/SYSTEM 'ControlSet001\Services\Dhcp' Start
$WINHIVE add $W 'HKCU\New\Key' -v Name -d text
$WINHIVE copy $W 'HKCU\New' 'HKLM\SOFTWARE\From Alice' -s
$WINHIVE query $W 'HKLM\SOFTWARE\From Alice' -s
$WINHIVE rename $W 'HKCU\New\Key' Other
$WINHIVE move $W 'HKCU\New\Other' 'HKLM\SOFTWARE'; echo $?
$WINHIVE move $W 'HKCU\New\Other' HKCU
$WINHIVE delete $W 'HKCU\New'
$WINHIVE add $W 'HKCR\.winhive' -ve -d hivefile
cat > $TMP/script <<'S'
add HKCU\Environment -v One -d 1
delete HKEY_CURRENT_USER\Other -v Name
S
$WINHIVE edit $W -i $TMP/script
echo 'add HKLM\SOFTWARE\X -k' >> $TMP/script
$WINHIVE edit $W -i $TMP/script; echo $?
$WINHIVE delete $W 'HKLM\SOFTWARE'; echo $?
$WINHIVE add $W 'HKLM\New\Key' -k; echo $?
$WINHIVE check $W HKCU
$WINHIVE add $W 'HKLM\SOFTWARE\Wow6432Node' -k
$WINHIVE add $W 'HKLM\SOFTWARE\Vendor' -v Bits -t DWORD -d 32 --view-32
$WINHIVE query $W 'HKLM\SOFTWARE\Wow6432Node' -s
$WINHIVE delete $W 'HKLM\SYSTEM\CurrentControlSet' -f; echo $?
$WINHIVE rename $W 'HKLM\SYSTEM\CurrentControlSet' Other; echo $?
$WINHIVE move $W 'HKLM\SYSTEM\CurrentControlSet' 'HKLM\SYSTEM\Setup'; echo $?
$WINHIVE add $W 'HKLM\SYSTEM\CurrentControlSet' -v Own -d text
$WINHIVE delete $W 'HKLM\SYSTEM\CurrentControlSet' -v Own
$WINHIVE rename $W 'HKLM\SYSTEM\CurrentControlSet\Services\Dhcp' Dhcp.off
