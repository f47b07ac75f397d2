H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE rename $H Select Setup
echo $?
$WINHIVE rename $H Select 'a\b'
echo $?
$WINHIVE rename $H Select ''
echo $?
$WINHIVE rename $H '' ROOT
echo $?
cmp $H sample.hive && echo unchanged
