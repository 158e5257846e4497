"""English texts of the page, from its templates: guides quote them."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir

from merge.letter_status import STATE_LABELS
from merge.page.guard import SENTENCES
from merge.register.layouts import STAGES

TEMPLATES = Path(__file__).resolve().parents[2] / "merge" / "page" / "templates"


def page_words() -> set[str]:
    """Return the texts of the page; counts in them are 24."""
    texts = {*STATE_LABELS.values(), *STAGES, *SENTENCES}
    patterns, options = [("**.html", "jinja2")], {"**.html": {"trimmed": "true"}}
    for _file, _line, words, *_ in extract_from_dir(str(TEMPLATES), patterns, options):
        texts |= {words} if isinstance(words, str) else {*words}
    shown = {re.sub(r"%\(\w+\)s", "24", text) for text in texts}
    return shown | {text.rstrip(".…") for text in shown}
