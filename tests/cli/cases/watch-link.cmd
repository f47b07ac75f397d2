. ../../tests/cli/watching.sh
# The file that a link leads to lies in another folder.
mkdir $TMP/there; cp sample.hive $TMP/there/file; chmod u+w $TMP/there/file
ln -s there/file $H
begin --count 1
$WINHIVE add $TMP/there/file Neu -v New -d x > $TMP/done
end
