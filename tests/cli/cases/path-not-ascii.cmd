# The upper case of U+00FF is U+0178; that of U+00DF is itself.
$WINHIVE query sample.hive 'Names\LATIN-1 ÉßŸ'
