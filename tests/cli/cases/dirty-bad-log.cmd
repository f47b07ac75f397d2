$WINHIVE get ../logs/log-bad-checksum/SYSTEM State Step
