for root in '' '\' '/'; do
	$WINHIVE tree -d 1 sample.hive "$root" | tail -1
done
