"""Every finished letter read again, and what is doubtful about it."""
