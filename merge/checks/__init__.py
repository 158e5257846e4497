"""Templates x people: every problem, before a letter exists."""
