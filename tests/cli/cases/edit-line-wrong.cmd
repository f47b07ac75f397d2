H=$TMP/hive; cp sample.hive $H; chmod u+w $H
edit() { $WINHIVE edit $H; echo "exit $?"; }
printf '%s\n' 'add A -k' '' 'frobnicate A' | edit
printf '%s\n' 'add A -k' 'add A --verbose' | edit
printf '%s\n' 'add A -k' 'add A -t DWORD -d x' | edit
printf '%s\n' 'add A -k' 'add' | edit
printf '%s\n' 'add A -k' 'add A B' | edit
printf '%s\n' 'add A -k' 'add "A' | edit
printf '%s\n' 'add A -k' "rename 'A B" | edit
printf '%s\n' 'add A -v' | edit
printf '%s\n' 'add A --data-file -' | edit
printf '%s\n' 'add A --data-file nothing' | edit
printf '%s\n' 'edit A' | edit
printf 'add A -k\nadd B\000 -k\n' | edit
seq -s ' ' 100 | edit
cmp $H sample.hive && echo unchanged
