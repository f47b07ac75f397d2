$WINHIVE get ../broken/value-data-past-cell.1-5.hive Gamma Data
