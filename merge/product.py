"""The version of the program, and names of files in a campaign folder."""

from __future__ import annotations

__version__ = "1.0.0rc1"
"""The version of the program.

The package, `merge --version` and the API read it here.
"""

LETTERS_FOLDER, TEMPLATES_FOLDER, REGISTER_FILE = "letters", "templates", "register.xlsx"
"""Names of two folders and a file in a campaign folder."""
RECORDS_FOLDER = "Appeal Merge records"
"""The folder of the program's own records in a campaign folder."""

LETTER_EXTENSION = ".docx"
"""The file name extension of letters."""
