$WINHIVE replay -f sample.hive -o /dev/full
code=$?
test -c /dev/full && echo still a device
exit $code
