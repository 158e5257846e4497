"""Word templates are checked, compiled, and filled for each pair."""
