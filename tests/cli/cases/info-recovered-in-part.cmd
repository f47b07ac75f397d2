# The second log does not go on where the first one ends.
$WINHIVE info ../logs/new-gap/SYSTEM
