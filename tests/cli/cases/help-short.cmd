$WINHIVE -h | head -2
