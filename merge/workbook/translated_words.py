"""Words that staff may use in their language: sheets, headings, yes, no.

They are in translated_words.tsv. Capitals, accents and spaces do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from merge.naming import placeholder_name
from merge.text.folding import plain_letters
from merge.text.tables import listed_words, table_rows

TranslatedWords = Mapping[str, Mapping[str, tuple[str, ...]]]
"""The program's own word -> the language -> the words with its meaning."""


def _read_list(name: str) -> TranslatedWords:
    """Return the words of one list in translated_words.tsv, by language."""
    words: dict[str, dict[str, tuple[str, ...]]] = {}
    for list_name, program_word, language, cell in table_rows(
        "merge.workbook", "translated_words.tsv"
    ):
        if list_name == name:
            words.setdefault(program_word, {})[language] = tuple(listed_words(cell))
    return words


SHEETS = _read_list("sheet")
HEADINGS = _read_list("heading")
_SPARE_HEADINGS = _read_list("heading if no other")
"""Headings that have a meaning only if no other column has it."""
NAME_PARTS = _read_list("name part")
"""Headings of columns that contain only a part of a name.

Some may also mean the complete name.
"""
YES_NO_WORDS = _read_list("answer")


def sheet_words(name: str) -> tuple[str, ...]:
    """Return the words for a sheet, the program's own first."""
    return (name, *(word for words in SHEETS[name].values() for word in words))


def means_heading(text: str, heading: str) -> bool:
    """Return whether a heading means one of the program's own headings.

    It may be in any of the languages.
    """
    return plain_letters(placeholder_name(text)) in _FOLDED_HEADINGS[heading]


def may_mean_heading(text: str, heading: str) -> bool:
    """Return whether a heading has a meaning if no other column has it."""
    return plain_letters(placeholder_name(text)) in _FOLDED_SPARE_HEADINGS.get(heading, ())


def is_name_part(text: str, part: str) -> bool:
    """Return whether a heading is for `given` or `family` names."""
    return plain_letters(placeholder_name(text)) in _FOLDED_NAME_PARTS[part]


@lru_cache(maxsize=4096)
def canonical_placeholder(placeholder: str) -> str:
    """Return the program's own placeholder for a translated placeholder.

    For example `name` for `nom`.
    """
    return next(
        (placeholder_name(heading) for heading in HEADINGS if means_heading(placeholder, heading)),
        placeholder,
    )


def says_yes(text: str) -> bool:
    """Return whether a text means yes in one of the workbook's languages."""
    return len(text) > 0 and plain_letters(text) in _FOLDED_YES_NO_WORDS["yes"]


def says_no(text: str) -> bool:
    """Return whether a text means no in one of the workbook's languages."""
    return len(text) > 0 and plain_letters(text) in _FOLDED_YES_NO_WORDS["no"]


def _folded_words(
    table: TranslatedWords, to_text: Callable[[str], str] = str
) -> Mapping[str, frozenset[str]]:
    return {
        program_word: frozenset(
            plain_letters(to_text(w)) for words in by_language.values() for w in words
        )
        for program_word, by_language in table.items()
    }


_FOLDED_HEADINGS, _FOLDED_SPARE_HEADINGS, _FOLDED_NAME_PARTS = (
    _folded_words(words, placeholder_name) for words in (HEADINGS, _SPARE_HEADINGS, NAME_PARTS)
)
_FOLDED_YES_NO_WORDS = _folded_words(YES_NO_WORDS)
