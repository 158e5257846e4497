"""The version of the program, and the names of files in a campaign folder."""

from __future__ import annotations

__version__ = "0.3.0"
"""The version of the program: the package, `merge --version` and the API read it here."""

LETTERS_FOLDER, TEMPLATES_FOLDER, REGISTER_FILE = "letters", "templates", "register.xlsx"
"""In a campaign folder."""

LETTER_EXTENSION = ".docx"
"""Of a letter's file."""
