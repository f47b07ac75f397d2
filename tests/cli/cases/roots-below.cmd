# The folder Windows, and the one of the hives, are as good as the volume.
$WINHIVE roots ../windows/sound/Windows | grep -c clean
$WINHIVE roots ../windows/sound/Windows/System32/config/ | grep -c clean
