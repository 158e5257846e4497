"""Comparing texts and people's names; lists of words."""
