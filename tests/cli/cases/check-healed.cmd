$WINHIVE check ../broken/key-parent.other.hive
