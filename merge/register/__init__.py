"""register.xlsx: the staff's list of letters, read and brought up to date in place."""
