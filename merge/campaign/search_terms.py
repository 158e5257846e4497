"""Terms by which a person is searched for in files.

They are the full name, the ID, emails, telephone numbers and the street line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from merge.people import Person
from merge.printing.addresses import column_kind, is_phone_column
from merge.text.folding import UNSPACED_SCRIPTS, unaccented
from merge.text.names import is_title_or_particle, name_normal_form, without_form_of_address

_UNSPACED = f"\u1100-\u11ff{UNSPACED_SCRIPTS}"
"""Scripts without spaces between words; Korean as `unaccented` returns it."""
_UNSPACED_LETTER = re.compile(f"[{_UNSPACED}]")
_SPACED = rf"[^\W_{_UNSPACED}]"
_WORD = re.compile(f"[{_UNSPACED}]|{_SPACED}+")
_IN_WORD, _BETWEEN_WORDS, _BETWEEN_TURNED = r"[\W_]{0,3}", r"[\W_]{0,9}", r"(?:(?!\n)[\W_]){0,9}"
"""Signs between two letters of a word, and between two words.

A word may have a hyphen, a quotation mark, or a tag of a document inside.
"""
_PART = 3
"""Number of letters by which most texts can be excluded."""

_FEWEST_CHARACTERS, _FEWEST_DIGITS, _FEWEST_LETTERS = 4, 6, 2
"""Fewest characters of an ID, of a number as an ID; letters of a name."""
_PHONE_DIGITS = 8
"""The last digits of a telephone number, which are compared.

Those before depend on the country of the caller.
"""

_EMAIL = re.compile(r"(?<![^\s<>,;:])[^\s@<>,;:]{1,64}@[^\s@<>,;]{1,200}\.\w{2,60}")


@dataclass(frozen=True)
class SearchTerms:
    """The texts by which a person is found in files.

    Capitals, accents, spaces, hyphens and quotation marks do not count, nor does the order in which
    given name and surname are written.
    """

    texts: frozenset[str] = frozenset()
    """Texts as in the workbook."""
    weak_names: frozenset[str] = frozenset()
    """Names that are not searched for.

    Others have them too, or any text may contain them.
    """
    others: frozenset[str] = frozenset()
    """Names of other people of which one of the texts may be a part."""
    ids: frozenset[str] = frozenset()
    """IDs that the program gave the person and the person's letters."""

    @property
    def is_name_enough(self) -> bool:
        """Whether the name alone is searched for."""
        return not self.weak_names

    def find_in(self, text: str) -> frozenset[str]:
        """Return the texts that a longer text contains as complete words."""
        plain = unaccented(text)
        if not any(all(part in plain for part in parts) for parts in self._parts):
            return frozenset()  # most texts, in little time
        squeezed = (_squeezed(match[0]) for match in self._pattern.finditer(plain))
        return frozenset(self._texts_by_form[s] for s in squeezed if s in self._texts_by_form)

    def may_be_in(self, text: str) -> bool:
        """Return whether a text may be about the person.

        A name that is not searched for counts too. If it is a single word, it must be a line by
        itself, as above a signature.
        """
        full, single = self._weak_terms
        is_line = bool(single) and any(
            _squeezed(unaccented(t)) in single for t in text.splitlines()
        )
        return is_line or bool(self.find_in(text) or full.find_in(text))

    @cached_property
    def _weak_terms(self) -> tuple[SearchTerms, set[str]]:
        """Names that are not searched for: of several words, of a single word."""
        full = frozenset(filter(is_full_name, self.weak_names))
        single = {_squeezed(unaccented(name)) for name in self.weak_names - full}
        return replace(self, texts=full), {name for name in single if not name.isdigit()}

    def with_names_of_others(self, names: Iterable[str]) -> SearchTerms:
        """Return the terms with other people's names, which are not the person's.

        Only names of several words are kept that have a word in common with a term: in a list,
        *Rose Mary* and *Ann Lee* do not make a *Mary Ann Lee*.
        """
        own_words = {word for text in self.texts | self.weak_names for word in _words(text)}
        words_by_name = ((name, _words(name)) for name in names)
        others = (n for n, words in words_by_name if words[1:] and own_words.intersection(words))
        return replace(self, others=frozenset(others) - self.texts - self.weak_names)

    @cached_property
    def _texts_by_form(self) -> dict[str, str]:
        others = {"".join(_words(name)) for name in self.others}
        forms = {"".join(form.words): text for text in sorted(self.texts) for form in _forms(text)}
        return {form: text for form, text in forms.items() if form not in others}

    @cached_property
    def _parts(self) -> list[set[str]]:
        """The ends of the words of each text, of which others may differ."""
        forms = [next(iter(_forms(text)), None) for text in self.texts]
        return [{word[-_PART:] for word in form.words} for form in forms if form]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """The texts and the names of others; the longest one counts at each place.

        A name in another order counts if no other name begins there.
        """
        forms = {form for text in self.texts for form in _forms(text)}
        others = {_Form(tuple(_words(name))) for name in self.others}
        longest_first = sorted(
            forms | others, key=lambda form: (form.is_turned, -len("".join(form.words)), form)
        )
        return re.compile("|".join(form.pattern for form in longest_first))


class _Form(NamedTuple):
    """The words of a text in an order in which they may be written."""

    words: tuple[str, ...]
    is_turned: bool = False
    """Whether the surname is first, as in a list: on one line."""

    @property
    def pattern(self) -> str:
        """A regex for the words if they follow each other as complete words.

        It begins with a letter, because this is many times faster.
        """
        between = _BETWEEN_TURNED if self.is_turned else _BETWEEN_WORDS
        letters, first = between.join(map(_IN_WORD.join, self.words)), self.words[0][0]
        is_phone_end = len(self.words[0]) == _PHONE_DIGITS and self.words[0].isdigit()
        before = "" if is_phone_end or _UNSPACED_LETTER.match(first) else f"(?<!{_SPACED}{first})"
        after = "" if _UNSPACED_LETTER.match(self.words[-1][-1]) else f"(?!{_SPACED})"
        return f"{first}{before}{letters[1:]}{after}"


def _words(text: str) -> list[str]:
    return _WORD.findall(unaccented(text))


def _squeezed(plain: str) -> str:
    return "".join(filter(str.isalnum, plain))


def _forms(text: str) -> Iterator[_Form]:
    """Yield the words of a text in each order that a name may be written in.

    Forms of address do not count. Of a long number, only the last digits count.
    """
    number = _squeezed(text)
    parts = [*filter(None, map(_words, re.split(r"[\s,]+", without_form_of_address(text))))]
    if number.isdigit():
        yield _Form((number[-_PHONE_DIGITS:],))
        return
    for first in range(len(parts)):
        words = (word for part in (*parts[first:], *parts[:first]) for word in part)
        yield _Form(tuple(words), is_turned=first > 0)


def find_terms(
    person: Person, names: frozenset[str], others: Sequence[Person], common: str
) -> SearchTerms:
    """Return what a person is searched by.

    `names` are the person's names. `common` has the words of the templates and Settings. A text
    that is also in another person's row is not searched for, except a full name.
    """
    cells = _APART.join(str(cell) for other in others for cell in other.fields.values())
    namesakes = {name_normal_form(str(other.name)) for other in others}

    def is_weak(name: str) -> bool:
        is_common = not is_full_name(name) and SearchTerms(frozenset({name})).find_in(
            f"{common}{_APART}{cells}"
        )
        has_letters = sum(c.isalpha() for c in name) >= _FEWEST_LETTERS
        return bool(is_common) or not has_letters or name_normal_form(name) in namesakes

    weak = frozenset(filter(is_weak, names))
    values = frozenset(_values(person))
    return SearchTerms((names - weak) | (values - SearchTerms(values).find_in(cells)), weak)


_APART = "\n" * 10
"""Text between two cells, of which no words count as following each other."""


def _values(person: Person) -> Iterator[str]:
    """Yield a person's ID, emails, telephone numbers and street lines."""
    if is_distinctive(person.id):
        yield str(person.id)
    for tag, value in person.fields.items():
        yield from _EMAIL.findall(value)
        lines = value.splitlines()
        if is_phone_column(tag) and sum(c.isdigit() for c in value) >= _FEWEST_DIGITS:
            yield from lines
        elif column_kind(tag) in {"street", "address"} and any(c.isalpha() for c in value):
            yield from lines[:1]


def is_distinctive(text: str) -> bool:
    """Return whether an ID or a typed text is long enough to be searched for."""
    letters = _squeezed(unaccented(text))
    return len(letters) >= (_FEWEST_DIGITS if letters.isdigit() else _FEWEST_CHARACTERS)


def is_full_name(name: str) -> bool:
    """Return whether a name has several words, titles not counted."""
    return sum(not is_title_or_particle(word) for word in _WORD.findall(name)) > 1
