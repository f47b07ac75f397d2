H=$TMP/hive; cp sample.hive $H; chmod u+w $H
long=$(printf '%0257d' 0)
$WINHIVE add $H "$long" -k
echo $?
$WINHIVE add $H 'Names\'"${long#0}" -k > /dev/null
echo $?
$WINHIVE tree $H Names | grep -c "${long#0}"
