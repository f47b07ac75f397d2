$WINHIVE query values-1.5.hive Sizes | cut -c1-100
