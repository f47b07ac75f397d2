$WINHIVE tree ../broken/list-order.swapped.hive
