$WINHIVE get ../logs/case-of-letters/NTUSER.DAT State Step
