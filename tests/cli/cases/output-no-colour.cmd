TERM=xterm $WINHIVE tree minimal.hive | od -An -c
