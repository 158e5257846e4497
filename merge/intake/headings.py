"""Meanings of the headings of a form's columns: Name, Street, Consent.

The phrases are in headings.tsv, one a line: field, language, phrase. A phrase may leave a gap
(`stimme … zu`). Fields in brackets contain words that help:

- filler words;
- words that say whose address it is, or that the heading is about someone else;
- ambiguous words, which also mean something else.
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
"""Fields for which a single word in a longer heading justifies a question."""
_LEAST_LETTERS, _LEAST_SIMILARITY, _MAX_OTHER_WORDS = 3, 0.86, 4
"""Least letters of such a word; least similarity; most other words.

The similarity is to a phrase, if it is enough for a question."""
_LEAST_JOINED_LETTERS = 5
"""Letters of a phrase that is recognised if its words are written as one."""
_MAX_CHARACTERS = 600
"""Most characters of a heading."""

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeadingMeaning:
    """The meaning of a heading: the field, its certainty, and the language.

    `rank` is the line of the table: of two IDs or times, the earlier line is better. `group` is
    whose or which address: `home`, `billing`, `address 2`. `is_elsewhere` means that they do not
    live there.
    """

    field: str = ""
    strength: Strength = "none"
    language: str = ""
    rank: int = 0
    group: str = ""
    is_elsewhere: bool = False
    is_about_letter: bool = False
    """True if a heading asks for consent about names, addresses or letters.

    Consent about data counts as well."""


NO_MEANING = HeadingMeaning()


def count_known_headings(cells: Sequence[str]) -> int:
    """Return the number of cells of a row that are known headings."""
    return sum(
        1 for cell in cells if cell and _meaning_by_table(cell).strength in {"sure", "likely"}
    )


@lru_cache(maxsize=4096)
def meaning(heading: str, above: str = "") -> HeadingMeaning:
    """Return which field a form's heading means, and how sure that is.

    - Sure: all of it, or all of its last part, is a phrase, apart from filler words.
    - Likely: it contains a phrase of two or more words.
    - Asked: it contains one word, or nearly a phrase. The field is then a guess that is not filled
      in.

    Consent has priority, as such headings contain "name and address". A newsletter has priority
    over consent. If the headings have two rows, `above` is the text in the upper row.
    """
    result = _meaning_by_table(heading, above)
    return _meaning_of_similar_phrase(heading) if result is NO_MEANING and not above else result


@lru_cache(maxsize=8192)
def _meaning_by_table(heading: str, above: str = "") -> HeadingMeaning:
    text = _clean_heading(heading)
    if not text or len(heading) > _MAX_CHARACTERS:
        return NO_MEANING
    first, dash, _ = text.partition(" - ")
    # A quiz has a column of points for each question: `Points - Postcode`.
    if dash and _meaning_of_whole(_words(first)).field == DO_NOT_IMPORT:
        return HeadingMeaning(DO_NOT_IMPORT, "sure")
    question = _clean_heading(above)
    for part, rest in _last_parts(text):
        whole = _meaning_of_whole(_words(part))
        if whole.field:
            return _question_if_about_others(whole, _words(f"{question} {rest}"))
    consent = _meaning_as_consent(_words(f"{question} {text}"))
    if consent.field:
        return consent
    return (
        next((m for m in _loose_meanings(text) if m.field), NO_MEANING)
        if not question
        else NO_MEANING
    )


def is_different_question(first: str, second: str) -> bool:
    """Return True if two headings are not one question in different words."""
    first_words, second_words = (
        " ".join(_words(_clean_heading(first))),
        " ".join(_words(_clean_heading(second))),
    )
    return difflib.SequenceMatcher(None, first_words, second_words, autojunk=False).ratio() < 0.6


def is_agreement(words: Sequence[str]) -> bool:
    """Return True if words are a phrase of consent, apart from filler words."""
    table, bare = _table(), tuple(words)
    phrase = table.phrases.get(bare) or table.without_fillers.get(_without_fillers(bare))
    return phrase is not None and phrase.field == CONSENT


def is_filler(word: str) -> bool:
    """Return True if a word has no meaning in a heading: `your`, `please`."""
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
    """Yield a heading and each end of it that may be the real heading.

    Each part comes with the text before it.
    """
    if (match := _BRACKETED.match(text)) and not _meaning_as_consent(_words(text)).field:
        yield match[2], match[1]
    yield text, ""
    inner = text
    for match_start in (_NUMBERING.match, _QUESTION_CODE.match):
        if match := match_start(inner):
            inner = inner[match.end() :]
            yield inner, ""
    if "/" in inner and " / " not in inner:
        before, _, last = inner.rpartition("/")
        yield last, before
    elif not _meaning_as_consent(_words(inner)).field:
        for sign in (" / ", " | ", ": ", " - ", " – ", " — ", " > "):
            before, separator, last = inner.rpartition(sign)
            if separator and (sign not in " / | " or _have_one_meaning(inner.split(sign))):
                yield last, before


def _have_one_meaning(parts: Sequence[str]) -> bool:
    """Return True if all parts of a heading mean the same, as translations do."""
    return len({m.field for part in parts if (m := _meaning_of_whole(_words(part))).field}) < 2


# The table of phrases, headings.tsv.


@dataclass(frozen=True, slots=True)
class _HeadingPhrase:
    field: str
    language: str
    rank: int


@dataclass(frozen=True, slots=True)
class _HeadingPhraseTable:
    phrases: Mapping[Words, _HeadingPhrase]
    without_fillers: Mapping[Words, _HeadingPhrase]
    """The phrases without filler words."""
    joined_names: Mapping[str, _HeadingPhrase]
    """Names and parts of names with their words written as one: `Fore Name`."""
    with_gap: Sequence[tuple[Words, Words, _HeadingPhrase]]
    longest_phrase: int


@cache
def _rows() -> Sequence[tuple[str, str, str]]:
    return [(f, lang, p) for f, lang, p in table_rows("merge.intake", "headings.tsv")]


@cache
def _helper_words(field: str) -> frozenset[Words]:
    """Return the words of a helping field: `(filler)`, `(someone else)`."""
    return frozenset(_words(phrase) for name, _, phrase in _rows() if name == field)


@cache
def _table() -> _HeadingPhraseTable:
    whole: dict[Words, _HeadingPhrase] = {}
    bare: dict[Words, _HeadingPhrase] = {}
    gaps = []
    for rank, (field, language, text) in enumerate(_rows()):
        if field.startswith("("):
            continue
        phrase = _HeadingPhrase(field, language, rank)
        before, gap, after = text.partition("…")
        if gap:
            gaps.append((_words(before), _words(after), phrase))
            continue
        words = _words(text)
        whole.setdefault(words, phrase)
        bare.setdefault(_without_fillers(words), phrase)
    bare.pop((), None)
    bare |= {words: phrase for words, phrase in whole.items() if _without_fillers(words) == words}
    long_enough = (
        (glued, p) for w, p in whole.items() if len(glued := "".join(w)) >= _LEAST_JOINED_LETTERS
    )
    joined = {key: p for key, p in long_enough if p.field in {"Name", *NAME_PARTS}}
    return _HeadingPhraseTable(
        whole, bare, joined_names=joined, with_gap=gaps, longest_phrase=max(map(len, whole))
    )


def _phrase(words: Words) -> _HeadingPhrase | None:
    """Return the phrase that words are: exactly, joined, or without fillers."""
    table = _table()
    phrase = table.phrases.get(words) or table.joined_names.get("".join(words))
    return phrase or table.without_fillers.get(_without_fillers(words))


def _without_fillers(words: Words) -> Words:
    fillers = _helper_words("(filler)")
    return tuple(word for word in words if (word,) not in fillers)


# Whole headings.


def _meaning_of_whole(words: Words) -> HeadingMeaning:
    """Return the meaning of words as a whole: sure, or none."""
    table = _table()
    if not 0 < len(words) <= 4 * table.longest_phrase:
        return NO_MEANING
    group, rest, is_elsewhere = _split_address_group(words)
    phrase = _phrase(words)
    if phrase and not (is_elsewhere and phrase.field in ADDRESS_FIELDS):
        group = group if phrase.field in ADDRESS_FIELDS else ""
        is_about_letter = phrase.field == CONSENT and _is_about_letter(words)
        result = HeadingMeaning(phrase.field, "sure", phrase.language, phrase.rank)
        return replace(result, group=group, is_about_letter=is_about_letter)
    phrase = _phrase(rest) if rest != words else None
    if phrase and phrase.field == DO_NOT_IMPORT:
        return HeadingMeaning(DO_NOT_IMPORT, "sure", phrase.language, phrase.rank)
    if phrase and phrase.field in ADDRESS_FIELDS:
        strength: Strength = "asked" if is_elsewhere else "sure"
        result = HeadingMeaning(phrase.field, strength, phrase.language, phrase.rank)
        return replace(result, group=group, is_elsewhere=is_elsewhere)
    return NO_MEANING


def _split_address_group(words: Words) -> tuple[str, Words, bool]:
    """Return the address that a heading's first words name, and other words.

    The last value says whether that address is somewhere else.
    """
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


def _question_if_about_others(result: HeadingMeaning, rest: Words) -> HeadingMeaning:
    """Return a meaning, as a question if the heading may be about others."""
    if result.field in {DO_NOT_IMPORT, NEWSLETTER, CONSENT}:
        return result
    before = _meaning_of_whole(rest).field
    if before in ADDRESS_FIELDS - {"Address", result.field}:  # `City/State`
        return replace(result, strength="asked")
    if result.field in ADDRESS_FIELDS and any((w,) in _helper_words("(elsewhere)") for w in rest):
        return replace(result, strength="asked", group=rest[0], is_elsewhere=True)
    return replace(result, strength="asked") if _is_about_someone_else(rest) else result


def _is_about_someone_else(words: Words) -> bool:
    phrases = _helper_words("(someone else)")
    return any(words[i : i + n] in phrases for n in (1, 2) for i in range(len(words)))


# Consent and newsletters.


def _meaning_as_consent(words: Words) -> HeadingMeaning:
    table = _table()
    phrases = [table.phrases.get(words[i : i + n]) for n in range(1, 6) for i in range(len(words))]
    phrases += [phrase for a, b, phrase in table.with_gap if _has_gap(words, a, b)]
    for field in (NEWSLETTER, CONSENT):
        phrase = next((p for p in phrases if p and p.field == field), None)
        if phrase:
            is_about_letter = field == CONSENT and _is_about_letter(words)
            return HeadingMeaning(
                field, "likely", phrase.language, phrase.rank, is_about_letter=is_about_letter
            )
    return NO_MEANING


def _has_gap(words: Words, before: Words, after: Words) -> bool:
    starts = [i for i in range(len(words)) if words[i : i + len(before)] == before]
    return bool(starts) and any(
        words[i : i + len(after)] == after for i in range(starts[0] + len(before), len(words))
    )


def _is_about_letter(words: Words) -> bool:
    letter_words = _helper_words("(about the letter)")
    return any((word,) in letter_words for word in words)


# Phrases in a heading.


def _loose_meanings(text: str) -> Iterator[HeadingMeaning]:
    """Yield possible meanings of a heading that contains more than a phrase."""
    words = _words(text)
    if words[-1:] == ("1",):  # Microsoft Forms has a column Name of its own; a question is Name1
        yield replace(_meaning_of_whole(words[:-1]), strength="likely")
    text_outside = _PARENTHESES.sub(" ", text).strip()
    for part in (text_outside, *_SENTENCE.split(text_outside)):
        result = _meaning_of_whole(_words(part))
        if result.field:
            yield _question_if_about_others(
                replace(result, strength=_weaken(result.strength)), words
            )
    yield _meaning_of_phrases(words)


def _weaken(strength: Strength) -> Strength:
    return "likely" if strength == "sure" else strength


def _meaning_of_phrases(words: Words) -> HeadingMeaning:
    bare = _without_fillers(words)
    phrases, unused = _phrases_within(bare)
    long_phrases = [(n, p) for n, p in phrases if n > 1]
    fields = {p.field for _, p in long_phrases}
    if not phrases or fields == {DO_NOT_IMPORT}:
        return HeadingMeaning(DO_NOT_IMPORT, "likely") if fields else NO_MEANING
    one_word_fields = {p.field for n, p in phrases if n == 1}
    chosen = next((p for _, p in long_phrases if p.field != DO_NOT_IMPORT), None) or phrases[0][1]
    is_clear = len(fields) == 1 and one_word_fields <= fields and unused <= _MAX_OTHER_WORDS
    strength: Strength = "likely" if is_clear and not _is_about_someone_else(words) else "asked"
    if chosen.field == EMAIL and not long_phrases:
        strength = "asked"
    return HeadingMeaning(chosen.field, strength, chosen.language, chosen.rank)


def _phrases_within(bare: Words) -> tuple[list[tuple[int, _HeadingPhrase]], int]:
    """Return the phrases in words, the longest first, and the unused count."""
    table, phrases, free = _table(), [], set(range(len(bare)))
    for count in range(min(len(bare), table.longest_phrase), 0, -1):
        for start in range(len(bare) - count + 1):
            place = set(range(start, start + count))
            phrase = table.without_fillers.get(bare[start : start + count])
            if phrase and place <= free and (count > 1 or _is_distinctive(bare[start], phrase)):
                phrases.append((count, phrase))
                free -= place
    return phrases, len(free)


def _is_distinctive(word: str, phrase: _HeadingPhrase) -> bool:
    if phrase.field == EMAIL:
        return len(word) >= _LEAST_LETTERS
    long = len(word) >= _LEAST_LETTERS or not word.isascii()
    return phrase.field in _ONE_WORD_FIELDS and long and (word,) not in _helper_words("(ambiguous)")


def _meaning_of_similar_phrase(heading: str) -> HeadingMeaning:
    """Return the meaning of a short heading that is nearly a phrase.

    It is always a question.
    """
    words = _without_fillers(_words(_clean_heading(heading)))
    text = " ".join(words)
    if len(words) > 4 or not 5 <= len(text) <= 40 or _is_about_someone_else(words):
        return NO_MEANING
    phrases = _phrases_by_text()
    matches = difflib.get_close_matches(text, phrases, n=1, cutoff=_LEAST_SIMILARITY)
    if not matches:
        return NO_MEANING
    phrase = phrases[matches[0]]
    return HeadingMeaning(phrase.field, "asked", phrase.language, phrase.rank)


@cache
def _phrases_by_text() -> Mapping[str, _HeadingPhrase]:
    fields = _ONE_WORD_FIELDS | {EMAIL}
    return {" ".join(w): p for w, p in _table().without_fillers.items() if p.field in fields}
