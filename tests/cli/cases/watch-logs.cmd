. ../../tests/cli/watching.sh
# The logs of a dirty hive come late.
cp ../logs/new-two-logs/SYSTEM $H; chmod u+w $H
begin --count 1
cp ../logs/new-two-logs/SYSTEM.LOG1 $H.LOG1; cp ../logs/new-two-logs/SYSTEM.LOG2 $H.LOG2
end
