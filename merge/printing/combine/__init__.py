"""Combine many letters in one .docx, with each letter's layout unchanged."""
