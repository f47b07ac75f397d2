$WINHIVE query ../broken/list-order.swapped.hive 'Beta\Three'
