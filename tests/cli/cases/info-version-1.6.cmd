$WINHIVE info version-1.6.hive
