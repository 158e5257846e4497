"""The heading of a form's column -> what it means: Name, Street, Consent, which answer is newer.

The words are in headings.tsv, one phrase a line: field, language, phrase. A phrase may leave a
gap (`stimme … zu`). Fields in brackets are words that help: filler words, words that say whose
address it is or that it is about someone else, words that mean something else too (ambiguous).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from html import unescape

from merge.intake.destinations import CONSENT, DO_NOT_IMPORT, EMAIL
from merge.intake.form_types import Strength
from merge.text.folding import plain_letters
from merge.text.tables import table_rows

NEWSLETTER = "newsletter"
ADDRESS_FIELDS = frozenset(
    {
        *("Street", "House number", "Street (2)", "Street (3)", "Address"),
        *("Postal code", "City", "Postal code and city", "Region", "Country"),
    }
)
NAME_PARTS = ("First name", "Middle name", "Last name", "Second last name", "Suffix")
_ONE_WORD_FIELDS = frozenset(
    {"Name", *NAME_PARTS[:3], "Street", "Address", "Postal code", "City", "Country"}
)
"""Fields of which a single word within a longer heading is worth a question."""
_LEAST_LETTERS, _LEAST_SIMILARITY, _MAX_OTHER_WORDS = 3, 0.86, 4
"""Letters of such a word; likeness that is worth a question; words a heading may have besides."""
_LEAST_JOINED_LETTERS = 5
"""Letters of a phrase that is known again though its words are written as one."""
_MAX_CHARACTERS = 600
"""A heading that is longer is none."""

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a heading means: the field, how that was found, and in which language it is.

    `rank` is the line of the table: of two ids or times, the earlier one tells better. `group` is
    whose or which address: `home`, `billing`, `address 2`. `is_elsewhere`: not where they live.
    """

    field: str = ""
    strength: Strength = "none"
    language: str = ""
    rank: int = 0
    group: str = ""
    is_elsewhere: bool = False
    is_about_letter: bool = False
    """A consent that speaks of names, addresses, letters or data."""


NO_MEANING = Meaning()


def count_known_headings(cells: Sequence[str]) -> int:
    """Return how many cells of a row are headings that are known."""
    return sum(
        1 for cell in cells if cell and _meaning_by_table(cell).strength in {"sure", "likely"}
    )


@lru_cache(maxsize=4096)
def meaning(heading: str, above: str = "") -> Meaning:
    """Return what a heading means; `above` is the question over it, in headings of two rows.

    Sure: the whole of it, or of its last part, less filler words. Likely: a phrase of two words
    and more. Asked: one word, or nearly a phrase; then the field is a guess and not filled in.
    Consent beats everything, for such headings hold *name and address*; a newsletter beats consent.
    """
    found = _meaning_by_table(heading, above)
    return _meaning_of_similar_phrase(heading) if found is NO_MEANING and not above else found


@lru_cache(maxsize=8192)
def _meaning_by_table(heading: str, above: str = "") -> Meaning:
    text = _clean_heading(heading)
    if not text or len(heading) > _MAX_CHARACTERS:
        return NO_MEANING
    first, dash, _ = text.partition(" - ")
    if (
        dash and _meaning_of_whole(_words(first)).field == DO_NOT_IMPORT
    ):  # of a quiz: `Points - Postcode`
        return Meaning(DO_NOT_IMPORT, "sure")
    question = _clean_heading(above)
    for part, rest in _last_parts(text):
        whole = _meaning_of_whole(_words(part))
        if whole.field:
            return _question_if_about_others(whole, _words(f"{question} {rest}"))
    found = _meaning_as_consent(_words(f"{question} {text}"))
    if found.field:
        return found
    return (
        next((m for m in _loose_meanings(text) if m.field), NO_MEANING)
        if not question
        else NO_MEANING
    )


def is_different_question(first: str, second: str) -> bool:
    """Return whether two headings are not the same question put in other words."""
    one, other = " ".join(_words(_clean_heading(first))), " ".join(_words(_clean_heading(second)))
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() < 0.6


def is_agreement(words: Sequence[str]) -> bool:
    """Return whether words are a phrase of consent, and filler words."""
    table, bare = _table(), tuple(words)
    found = table.phrases.get(bare) or table.without_fillers.get(_without_fillers(bare))
    return found is not None and found.field == CONSENT


def is_filler(word: str) -> bool:
    """Return whether a word says nothing in a heading: `your`, `please`."""
    return (word,) in _helper_words("(filler)")


# A heading's text, its parts and words.

_TAG = re.compile(r"<[^<>]*>|\{\{[^{}]*\}\}|\$\{[^{}]*\}")
_NUMBERING = re.compile(r"(?:[^\W\d_]{0,8}\s?)?\d+(?:\.\d+)*\s?[.):]\s+")
_QUESTION_CODE = re.compile(r"[A-Za-z_]\w{0,30}(?:\[\w*\])*\.\s+(?=\S)")
_BRACKETED = re.compile(r"(.*)\[([^\[\]]+)\]\s*$", re.DOTALL)
_PARENTHESES = re.compile(r"[(（][^()（）]*[)）]?")
_SENTENCE = re.compile(r"(?<![.!?;؟。？！:])[.!?;؟。？！:]++(?:\s+|$)")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]+|\d+")


def _clean_heading(heading: str) -> str:
    """Return a heading without the marks of the form's program."""
    text = " ".join(_TAG.sub(" ", unescape(heading)).replace("*", " ").split())
    return text if " " in text else _CAMEL.sub(" ", text)


def _words(text: str) -> Words:
    return tuple(_WORD.findall(plain_letters(text))) or ((text,) if text == "#" else ())


def _last_parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield the whole and each last part that may be the heading itself, with what goes before."""
    if (found := _BRACKETED.match(text)) and not _meaning_as_consent(_words(text)).field:
        yield found[2], found[1]
    yield text, ""
    inner = text
    for matched in (_NUMBERING.match, _QUESTION_CODE.match):
        if found := matched(inner):
            inner = inner[found.end() :]
            yield inner, ""
    if "/" in inner and " / " not in inner:
        before, _, last = inner.rpartition("/")
        yield last, before
    elif not _meaning_as_consent(_words(inner)).field:
        for sign in (" / ", " | ", ": ", " - ", " – ", " — ", " > "):
            before, found_sign, last = inner.rpartition(sign)
            if found_sign and (sign not in " / | " or _have_one_meaning(inner.split(sign))):
                yield last, before


def _have_one_meaning(parts: Sequence[str]) -> bool:
    """Return whether no two parts, in several languages perhaps, mean different things."""
    return len({m.field for part in parts if (m := _meaning_of_whole(_words(part))).field}) < 2


# The table.


@dataclass(frozen=True, slots=True)
class _Phrase:
    field: str
    language: str
    rank: int


@dataclass(frozen=True, slots=True)
class _Table:
    phrases: Mapping[Words, _Phrase]
    without_fillers: Mapping[Words, _Phrase]
    """The same less filler words."""
    joined_names: Mapping[str, _Phrase]
    """Names and parts of names, their words written as one: `FRSTNM`, `Fore Name`."""
    with_gap: Sequence[tuple[Words, Words, _Phrase]]
    longest_phrase: int


@cache
def _rows() -> Sequence[tuple[str, str, str]]:
    return [(f, lang, p) for f, lang, p in table_rows("merge.intake", "headings.tsv")]


@cache
def _helper_words(field: str) -> frozenset[Words]:
    """Return words of the table that help: `(filler)`, `(somebody else)`."""
    return frozenset(_words(phrase) for name, _, phrase in _rows() if name == field)


@cache
def _table() -> _Table:
    whole: dict[Words, _Phrase] = {}
    bare: dict[Words, _Phrase] = {}
    gaps = []
    for rank, (field, language, text) in enumerate(_rows()):
        if field.startswith("("):
            continue
        phrase = _Phrase(field, language, rank)
        before, gap, after = text.partition("…")
        if gap:
            gaps.append((_words(before), _words(after), phrase))
            continue
        words = _words(text)
        whole.setdefault(words, phrase)
        bare.setdefault(_without_fillers(words), phrase)
    bare.pop((), None)
    bare |= {words: phrase for words, phrase in whole.items() if _without_fillers(words) == words}
    named = (
        (glued, p) for w, p in whole.items() if len(glued := "".join(w)) >= _LEAST_JOINED_LETTERS
    )
    joined = {key: p for key, p in named if p.field in {"Name", *NAME_PARTS}}
    return _Table(
        whole, bare, joined_names=joined, with_gap=gaps, longest_phrase=max(map(len, whole))
    )


def _phrase(words: Words) -> _Phrase | None:
    """Return the phrase that words are, as they stand, written as one, or less filler words."""
    table = _table()
    found = table.phrases.get(words) or table.joined_names.get("".join(words))
    return found or table.without_fillers.get(_without_fillers(words))


def _without_fillers(words: Words) -> Words:
    fillers = _helper_words("(filler)")
    return tuple(word for word in words if (word,) not in fillers)


# Whole headings.


def _meaning_of_whole(words: Words) -> Meaning:
    """Return what the words mean as a whole: nothing, or sure."""
    table = _table()
    if not 0 < len(words) <= 4 * table.longest_phrase:
        return NO_MEANING
    group, rest, is_elsewhere = _split_address_group(words)
    found = _phrase(words)
    if found and not (is_elsewhere and found.field in ADDRESS_FIELDS):
        group = group if found.field in ADDRESS_FIELDS else ""
        about = found.field == CONSENT and _is_about_letter(words)
        sure = Meaning(found.field, "sure", found.language, found.rank)
        return replace(sure, group=group, is_about_letter=about)
    found = _phrase(rest) if rest != words else None
    if found and found.field == DO_NOT_IMPORT:
        return Meaning(DO_NOT_IMPORT, "sure", found.language, found.rank)
    if found and found.field in ADDRESS_FIELDS:
        strength: Strength = "asked" if is_elsewhere else "sure"
        told = Meaning(found.field, strength, found.language, found.rank)
        return replace(told, group=group, is_elsewhere=is_elsewhere)
    return NO_MEANING


def _split_address_group(words: Words) -> tuple[str, Words, bool]:
    """Return which address the first words speak of, the words behind, and if it is elsewhere."""
    group, is_elsewhere = "", False
    rest = words
    while first := _leading_group(rest):
        is_elsewhere |= first in _helper_words("(elsewhere)")
        rest = rest[len(first) :]
        group = f"{group} {' '.join(first)}" if first not in _helper_words("(neutral)") else group
        if rest in _table().phrases or _without_fillers(rest) in _table().without_fillers:
            return group.strip(), rest, is_elsewhere
    return "", words, False


def _leading_group(words: Words) -> Words:
    for count in (2, 1):
        first = words[:count]
        if len(words) > count and (
            first in _helper_words("(elsewhere)") or first in _helper_words("(home)")
        ):
            return first
    return ()


def _question_if_about_others(found: Meaning, rest: Words) -> Meaning:
    """Return a meaning, a mere question where the words around speak of somebody else."""
    if found.field in {DO_NOT_IMPORT, NEWSLETTER, CONSENT}:
        return found
    before = _meaning_of_whole(rest).field
    if before in ADDRESS_FIELDS - {"Address", found.field}:  # `City/LetterState`
        return replace(found, strength="asked")
    if found.field in ADDRESS_FIELDS and any((w,) in _helper_words("(elsewhere)") for w in rest):
        return replace(found, strength="asked", group=rest[0], is_elsewhere=True)
    return replace(found, strength="asked") if _is_about_someone_else(rest) else found


def _is_about_someone_else(words: Words) -> bool:
    else_ = _helper_words("(someone else)")
    return any(words[i : i + n] in else_ for n in (1, 2) for i in range(len(words)))


# Consent, and what must not be taken for it.


def _meaning_as_consent(words: Words) -> Meaning:
    table = _table()
    found = [table.phrases.get(words[i : i + n]) for n in range(1, 6) for i in range(len(words))]
    found += [phrase for a, b, phrase in table.with_gap if _has_gap(words, a, b)]
    for field in (NEWSLETTER, CONSENT):
        phrase = next((p for p in found if p and p.field == field), None)
        if phrase:
            about = field == CONSENT and _is_about_letter(words)
            return Meaning(field, "likely", phrase.language, phrase.rank, is_about_letter=about)
    return NO_MEANING


def _has_gap(words: Words, before: Words, after: Words) -> bool:
    starts = [i for i in range(len(words)) if words[i : i + len(before)] == before]
    return bool(starts) and any(
        words[i : i + len(after)] == after for i in range(starts[0] + len(before), len(words))
    )


def _is_about_letter(words: Words) -> bool:
    about = _helper_words("(about the letter)")
    return any((word,) in about for word in words)


# Phrases within a heading.


def _loose_meanings(text: str) -> Iterator[Meaning]:
    """Yield what a heading may mean that is more than a phrase of the table."""
    words = _words(text)
    if words[-1:] == ("1",):  # Microsoft Forms has a column Name of its own; a question is Name1
        yield replace(_meaning_of_whole(words[:-1]), strength="likely")
    without = _PARENTHESES.sub(" ", text).strip()
    for part in (without, *_SENTENCE.split(without)):
        found = _meaning_of_whole(_words(part))
        if found.field:
            yield _question_if_about_others(replace(found, strength=_weaken(found.strength)), words)
    yield _meaning_of_phrases(words)


def _weaken(strength: Strength) -> Strength:
    return "likely" if strength == "sure" else strength


def _meaning_of_phrases(words: Words) -> Meaning:
    bare = _without_fillers(words)
    found, left = _phrases_within(bare)
    long = [(n, p) for n, p in found if n > 1]
    fields = {p.field for _, p in long}
    if not found or fields == {DO_NOT_IMPORT}:
        return Meaning(DO_NOT_IMPORT, "likely") if fields else NO_MEANING
    short = {p.field for n, p in found if n == 1}
    chosen = next((p for _, p in long if p.field != DO_NOT_IMPORT), None) or found[0][1]
    is_clear = len(fields) == 1 and short <= fields and left <= _MAX_OTHER_WORDS
    strength: Strength = "likely" if is_clear and not _is_about_someone_else(words) else "asked"
    if chosen.field == EMAIL and not long:
        strength = "asked"
    return Meaning(chosen.field, strength, chosen.language, chosen.rank)


def _phrases_within(bare: Words) -> tuple[list[tuple[int, _Phrase]], int]:
    """Return the phrases within words, the longest first, and how many words are left."""
    table, found, free = _table(), [], set(range(len(bare)))
    for count in range(min(len(bare), table.longest_phrase), 0, -1):
        for start in range(len(bare) - count + 1):
            place = set(range(start, start + count))
            phrase = table.without_fillers.get(bare[start : start + count])
            if phrase and place <= free and (count > 1 or _is_distinctive(bare[start], phrase)):
                found.append((count, phrase))
                free -= place
    return found, len(free)


def _is_distinctive(word: str, phrase: _Phrase) -> bool:
    if phrase.field == EMAIL:
        return len(word) >= _LEAST_LETTERS
    long = len(word) >= _LEAST_LETTERS or not word.isascii()
    return phrase.field in _ONE_WORD_FIELDS and long and (word,) not in _helper_words("(ambiguous)")


def _meaning_of_similar_phrase(heading: str) -> Meaning:
    """Return what a heading of few words means if it is nearly a phrase: a question."""
    words = _without_fillers(_words(_clean_heading(heading)))
    text = " ".join(words)
    if len(words) > 4 or not 5 <= len(text) <= 40 or _is_about_someone_else(words):
        return NO_MEANING
    known = _phrases_by_text()
    found = difflib.get_close_matches(text, known, n=1, cutoff=_LEAST_SIMILARITY)
    if not found:
        return NO_MEANING
    phrase = known[found[0]]
    return Meaning(phrase.field, "asked", phrase.language, phrase.rank)


@cache
def _phrases_by_text() -> Mapping[str, _Phrase]:
    fields = _ONE_WORD_FIELDS | {EMAIL}
    return {" ".join(w): p for w, p in _table().without_fillers.items() if p.field in fields}
