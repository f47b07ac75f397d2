H=$TMP/hive; cp sample.hive $H; chmod u+w $H
# As "reg add KEY": the default value becomes "".
$WINHIVE add $H Neu
$WINHIVE add $H Neu
echo $?
$WINHIVE add $H Neu -d text -f
$WINHIVE add $H Neu -ve -t dword -d 1 -f
$WINHIVE query $H Neu
