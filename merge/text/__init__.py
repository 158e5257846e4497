"""Comparison of texts and of people's names, and lists of words."""
