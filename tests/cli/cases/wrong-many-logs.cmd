$WINHIVE info sample.hive --log x --log x --log x --log x --log x --log x --log x --log x --log x
