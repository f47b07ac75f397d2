mkdir $TMP/in
cp sample.hive $TMP/in/SOFTWARE
cd $TMP/in && $WINHIVE replay -r . -o out && $WINHIVE replay -r . -o out -f && find . -type f | sort
