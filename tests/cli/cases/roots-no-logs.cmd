$WINHIVE roots --no-logs --user bob ../windows/troubled | grep -A 5 CURRENT_USER
