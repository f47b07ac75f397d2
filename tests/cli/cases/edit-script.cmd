H=$TMP/hive; cp sample.hive $H; chmod u+w $H
cat > $TMP/script << 'EOT'
# A comment, and an empty line

add Vendor\App -v "Install Dir" -d "C:\Program Files\App\"
add 'Vendor\My App' -v 'it'"'"'s' -d say" "'"hello"' # pieces that touch are one word
	add Vendor\App -v Paths -t MULTI_SZ -s ; -d C:\a;D:\b
add Vendor\App#1 -v '#' -d no-comment
add Vendor\Empty -v "" -d ''
delete Vendor\App -v Paths
add Select -v Current -t DWORD -d 2 -f
copy Vendor\App Vendor\Copy -s
rename Vendor\Copy Copied
move Vendor\Copied Select
delete ControlSet002 -f
EOT
$WINHIVE edit $H -i $TMP/script --backup
cmp $TMP/hive.bak sample.hive
$WINHIVE query $H Vendor -s
$WINHIVE tree $H -d 1
