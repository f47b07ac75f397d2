$WINHIVE info version-1.1.hive
