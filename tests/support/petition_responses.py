"""Responses to a form as an export has them, for imports in the page."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

Rows = Sequence[Sequence[str]]

HEADINGS = ["Timestamp", "Email Address", "Full name", "Street", "City", "May we print your name?"]
ANNA = ["2026/11/03 9:12:24", "anna@post.example", "Anna Bell", "1 Elm St", "York", "Yes"]
BORIS = ["2026/11/03 9:13:24", "boris@post.example", "Борис Ёлкин", "2 Oak St", "Leeds", "Yes"]
CARLA = ["2026/11/03 9:14:24", "carla@post.example", "CARLA DIAZ", "3 Ash St", "Bath", "Yes"]
DAN = ["2026/11/03 9:15:24", "dan@post.example", "Dan Eve", "4 Fir St", "Hull", "No"]
TEST = ["2026/11/03 9:16:24", "t@post.example", "Test Test", "5 Box St", "Ely", "Yes"]
RESPONSES = [HEADINGS, ANNA, BORIS, CARLA, DAN, TEST]


def table(rows: Rows, encoding: str = "utf-8") -> bytes:
    """Return the rows as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)
