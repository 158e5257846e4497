"""The words that staff may write in their own language: sheets, headings, yes and no.

They are in words.tsv. Capitals, accents and spaces do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from merge.naming import tag_name
from merge.text.folding import plain_letters
from merge.text.tables import listed_words, table_rows

Words = Mapping[str, Mapping[str, tuple[str, ...]]]
"""The program's own word -> the language -> the words that mean it there."""


def _table(name: str) -> Words:
    """Return a list of words.tsv."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for own_list, word, language, cell in table_rows("merge.workbook", "words.tsv"):
        if own_list == name:
            found.setdefault(word, {})[language] = tuple(listed_words(cell))
    return found


SHEETS = _table("sheet")
HEADINGS = _table("heading")
NAME_PARTS = _table("name part")
"""Headings of columns that hold only a part of a name. Some may as well mean the whole."""
ANSWERS = _table("answer")


def sheet_words(name: str) -> tuple[str, ...]:
    """Return the words for a sheet, the program's own first."""
    return (name, *(word for words in SHEETS[name].values() for word in words))


def means(text: str, heading: str) -> bool:
    """Return whether a heading, or its tag, is one of the program's in one of the languages."""
    return plain_letters(tag_name(text)) in _HEADINGS[heading]


def is_name_part(text: str, part: str) -> bool:
    """Return whether a heading says that its column holds `given` or `family` names."""
    return plain_letters(tag_name(text)) in _NAME_PARTS[part]


@lru_cache(maxsize=4096)
def own_tag(tag: str) -> str:
    """Return the program's own tag for a heading's in another language: `name` for `nom`."""
    return next((tag_name(heading) for heading in HEADINGS if means(tag, heading)), tag)


def says_yes(text: str) -> bool:
    """Return whether a cell says yes in one of the languages."""
    return len(text) > 0 and plain_letters(text) in _ANSWERS["yes"]


def says_no(text: str) -> bool:
    """Return whether a cell says no in one of the languages."""
    return len(text) > 0 and plain_letters(text) in _ANSWERS["no"]


def _plain(table: Words, of: Callable[[str], str] = str) -> Mapping[str, frozenset[str]]:
    return {
        own: frozenset(plain_letters(of(w)) for words in by_language.values() for w in words)
        for own, by_language in table.items()
    }


_HEADINGS, _NAME_PARTS = _plain(HEADINGS, tag_name), _plain(NAME_PARTS, tag_name)
_ANSWERS = _plain(ANSWERS)
