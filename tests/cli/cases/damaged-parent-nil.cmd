$WINHIVE stat ../broken/key-parent.nil.hive 'Beta\Two' | head -2
