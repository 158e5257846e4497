"""What to do instead of the fields of Word's that a letter cannot use."""

from __future__ import annotations

from collections.abc import Mapping

_PAIRS = (
    "Delete it, and say who writes to whom in the workbook: no in the column Include, "
    "or the sheet Pairs."
)
_SETTINGS = (
    "Put the text into the sheet Settings, and write its tag, such as {{ settings.deadline }}."
)
_FORMULA = "Calculate in Excel, in a column of its own, and write that column's tag."

INSTEAD: Mapping[str, str] = {
    "ADDRESSBLOCK": "Write one tag a line, such as {{ recipient.name }}, {{ recipient.street }}, "
    "{{ recipient.city }}; lines that are blank close up.",
    "ASK": _SETTINGS,
    "COMPARE": 'Compare in {% if recipient.country == "France" %}…{% endif %}.',
    "FILLIN": _SETTINGS,
    "GREETINGLINE": "Write Dear {{ recipient.salutation }},",
    "MERGEREC": "Number the rows in a column of the sheet, and write that column's tag.",
    "MERGESEQ": "Number the rows in a column of the sheet, and write that column's tag.",
    "NEXT": "Delete it: each letter has one recipient.",
    "NEXTIF": _PAIRS,
    "SET": _SETTINGS,
    "SKIPIF": _PAIRS,
}
"""Fields of Word's mail merge that do nothing here, with their remedy."""

ELSEWHERE = frozenset(
    {"DATABASE", "DDE", "DDEAUTO", "IMPORT", "INCLUDEPICTURE", "INCLUDETEXT", "INCLUDE", "LINK"}
)
"""Fields that bring something in from outside; whatever they hold is told with them."""

AROUND: Mapping[str, str] = {
    "=": _FORMULA,
    "HYPERLINK": "In Word, choose Insert, Link, and write the tag, such as {{ recipient.link }}, "
    "as its address.",
    "QUOTE": "Put the merge field into the text, without QUOTE round it.",
}
"""Fields that work by themselves but not with a merge field in their code."""
AROUND_ANY = "Put the merge field into the text, outside of that field."


class RefusedError(Exception):
    """A field that cannot be used: the problem's code, what is wrong, what to do."""

    def __init__(self, code: str, what: str, hint: str) -> None:
        super().__init__(what)
        self.code, self.what, self.hint = code, what, hint
