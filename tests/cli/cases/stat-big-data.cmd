$WINHIVE stat --json values-1.5.hive Sizes | tr '{' '\n' | grep segments
