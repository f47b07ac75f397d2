H=$TMP/hive; cp sample.hive $H; chmod u+w $H
$WINHIVE rename $H Select -v Current Now
$WINHIVE rename $H Select -v now NOW
$WINHIVE rename $H Select -v Failed ''
$WINHIVE rename $H Select -ve Failed
$WINHIVE query $H Select
$WINHIVE rename $H Select -v Default Failed
echo $?
$WINHIVE rename $H Select -v Nothing New
echo $?
