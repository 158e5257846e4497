"""What the page says, in English, from its templates: for guides that quote it."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir

from merge.letter_status import STATE_LABELS
from merge.page.guard import SENTENCES
from merge.register.layouts import STAGES

TEMPLATES = Path(__file__).resolve().parents[2] / "merge" / "page" / "templates"


def page_words() -> set[str]:
    """Return what the page says; where it counts, of 24."""
    found = {*STATE_LABELS.values(), *STAGES, *SENTENCES}
    where, how = [("**.html", "jinja2")], {"**.html": {"trimmed": "true"}}
    for _file, _line, words, *_ in extract_from_dir(str(TEMPLATES), where, how):
        found |= {words} if isinstance(words, str) else {*words}
    shown = {re.sub(r"%\(\w+\)s", "24", each) for each in found}
    return shown | {each.rstrip(".…") for each in shown}
