"""Words of form programs beside or below the responses (form_words.tsv)."""

from __future__ import annotations

from merge.text.folding import plain_letters
from merge.text.tables import listed_words, table_rows

_TABLE = [
    (kind, word)
    for kind, _, cell in table_rows("merge.intake", "form_words.tsv")
    for word in listed_words(cell)
]


def _of_kinds(*kinds: str) -> frozenset[str]:
    return frozenset(word for kind, word in _TABLE if kind in kinds)


ORGANISATION_WORDS = _of_kinds("organisation")
"""Values of a column that says what kind of signer it is."""
NAME_SUFFIXES = _of_kinds("suffix")
"""Texts after the comma of a name whose surname is not first: `Lee, Jr.`"""
FINISHED_HEADINGS, PROGRESS_HEADINGS = _of_kinds("finished"), _of_kinds("progress")
STATUS_HEADINGS = FINISHED_HEADINGS | PROGRESS_HEADINGS | _of_kinds("state")
"""Headings of columns that say whether a response is complete."""
UNFINISHED_WORDS = frozenset(map(plain_letters, _of_kinds("unfinished")))
RESPONSE_LABELS = _of_kinds("response")
"""Labels that SurveyMonkey writes below a question without parts."""
TOTAL_WORDS = _of_kinds("total")
"""Labels beside or above a total below the responses."""
