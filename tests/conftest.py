"""Tests that look at pixels need Pillow; where it is not, they are left out."""

from __future__ import annotations

from importlib.util import find_spec

_PICTURES = ["ooxml/test_pictures.py", "template/test_traces.py", "template/test_planted_marks.py"]
collect_ignore = [] if find_spec("PIL") else _PICTURES
