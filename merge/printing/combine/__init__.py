"""Many letters in one .docx, each a section that looks as the letter does alone."""
