H=$TMP/hive; cp sample.hive $H; chmod u+w $H
printf 'add A -v x -t binary --data-file -\n' > $TMP/script
printf 'abc' | $WINHIVE edit $H -i $TMP/script
