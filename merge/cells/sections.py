"""A format code into its sections, each with its condition and its body."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from merge.cells import names
from merge.cells.cases import Case, cases
from merge.cells.conditions import Condition, condition
from merge.cells.dates import date_body, is_date
from merge.cells.fraction import fraction, is_fraction
from merge.cells.general import General
from merge.cells.numerals import numeral
from merge.cells.scientific import scientific
from merge.cells.tokens import Token, tokens
from merge.cells.unsupported import UnsupportedFormat
from merge.cells.view import Body

_MOST_SECTIONS = 4

_LONGEST = 255
"""Characters of a format code: Excel takes no more (its specifications and limits)."""


@dataclass(frozen=True, slots=True)
class Section:
    """One section as it is written."""

    tokens: tuple[Token, ...]
    condition: Condition | None
    tag: str
    """What stands after `[$-`: the language; empty for none."""

    @property
    def is_for_text(self) -> bool:
        """Whether `@` stands in it."""
        return any(token.kind == "text" for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Format:
    """A format code, ready to use."""

    cases: tuple[Case, ...]
    """The first whose condition holds is taken; Excel shows hashes where none does."""
    text: tuple[Token, ...] | None
    """The section for text, None where text is shown as it is."""

    def case_of(self, value: float) -> Case | None:
        """The case of a number, None for hashes."""
        for case in self.cases:
            if case.condition is None or case.condition.holds(value):
                return case
        return None

    def show_text(self, value: str) -> str:
        """Text as the format's section for text has it."""
        if self.text is None:
            return value
        return "".join(value if t.kind in {"text", "general"} else t.text for t in self.text)


@lru_cache(maxsize=4096)
def read_format(code: str) -> Format:
    """A format code read; an empty one is General.

    Raises UnsupportedFormat where it is not a format, or one that is not known here.
    """
    if len(code) > _LONGEST:
        raise UnsupportedFormat("a number format of more than 255 characters")
    sections = list(_sections(code))
    if len(sections) > _MOST_SECTIONS:
        raise UnsupportedFormat(f"the format {code} has more than four sections")
    has_text = len(sections) == _MOST_SECTIONS or sections[-1].is_for_text
    text = _text_section(sections.pop()) if has_text else None
    if len(sections) == 1 and _is_empty(sections[0]):
        sections.clear()
    conditions = [section.condition for section in sections]
    return Format(cases(conditions, [_body(section) for section in sections]), text)


def _is_empty(section: Section) -> bool:
    return not section.tokens and not section.tag and section.condition is None


def _sections(code: str) -> Iterator[Section]:
    found: list[Token] = []
    for token in tokens(code):
        if token.kind == "end":
            yield _section(found)
            found = []
        else:
            found.append(token)
    yield _section(found)


def _section(found: Sequence[Token]) -> Section:
    kept = tuple(token for token in found if token.kind not in {"condition", "locale"})
    conditions = [condition(token.text) for token in found if token.kind == "condition"]
    tags = [token.text for token in found if token.kind == "locale"]
    return Section(kept, conditions[0] if conditions else None, tags[0] if tags else "")


def _text_section(section: Section) -> tuple[Token, ...]:
    if not all(t.shows_itself or t.kind in {"text", "general"} for t in section.tokens):
        raise UnsupportedFormat("the section of a number format for text has digits or dates")
    return section.tokens


def _body(section: Section) -> Body:
    """What a section makes of numbers."""
    found = section.tokens
    kinds = {token.kind for token in found}
    if is_date(found, section.tag):
        return date_body(found, section.tag)
    names.refuse_other_digits(section.tag)
    if "text" in kinds:
        raise UnsupportedFormat("@ in a section of a number format that is for numbers")
    if "general" in kinds:
        return _general(found)
    if "exponent" in kinds:
        return scientific(found)
    if is_fraction(found):
        return fraction(found)
    if "slash" in kinds:
        raise UnsupportedFormat("a slash in a number format with no digits around it")
    return numeral(found)


def _general(found: Sequence[Token]) -> General:
    at = next(i for i, token in enumerate(found) if token.kind == "general")
    if not all(token.shows_itself for token in (*found[:at], *found[at + 1 :])):
        raise UnsupportedFormat("General in a number format with digits beside it")
    before, after = (
        "".join(token.text for token in part) for part in (found[:at], found[at + 1 :])
    )
    return General(before, after)
