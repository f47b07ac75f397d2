# SPDX-License-Identifier: MIT
# Sourced by the cases of watch: a hive in $TMP that is watched while the case changes it.

H=$TMP/hive

# Until 'grep -c PATTERN FILE' has said N.
until_there() {
	tries=0
	until [ "$(grep -c "$1" "$2")" -ge "$3" ] || [ $tries -ge 600 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
}

# begin OPTIONS ...: start to watch, and wait until it has read the hive.
begin() {
	: > $TMP/out; : > $TMP/err
	$WINHIVE watch $H --verbose --timeout 60 "$@" > $TMP/out 2> $TMP/err &
	until_there watching $TMP/err 1
}

# After a change: wait until N of them have been told.
told() {
	until_there '^20..-..-.. \|^{' $TMP/out $1
}

# What was printed, without the times.
end() {
	code=0
	wait $! || code=$?
	sed 's/^20..-..-.. ..:..:.. UTC$/TIME/; s/"time":"[^"]*"/"time":"TIME"/' $TMP/out | cut -c 1-400
	sed "s|$TMP|\$TMP|" $TMP/err >&2
	echo "exit $code"
}
