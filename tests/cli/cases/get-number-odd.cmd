# A REG_DWORD of one byte is not a number.
$WINHIVE get sample.hive Types 'Dword of one byte'
