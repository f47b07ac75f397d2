$WINHIVE stat ../broken/key-security.nil.hive Gamma
