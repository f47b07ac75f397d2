# What is said about a file must not reach the terminal as it is.
name=$TMP/$(printf "a\033[31mb")
echo text > "$name"
$WINHIVE info "$name"
