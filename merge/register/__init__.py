"""register.xlsx: the staff's list of letters, read and updated in place."""
