$WINHIVE --help > /dev/full
