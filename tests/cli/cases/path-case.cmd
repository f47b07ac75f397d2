$WINHIVE query sample.hive 'CONTROLset001\control\LSA'
