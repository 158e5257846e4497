"""Meanings of words in a consent column: plain yes, plain no, or neither.

A plain yes is a bare yes, or a sentence that only agrees to be printed or to take part. Each of its
words is in consent.tsv. Other words are asked about:

- `oui mais pas l'adresse`
- `yes, my name only`
- `I agree that you keep my name private`
- `I agree to the privacy policy`
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Literal, get_args

from merge.intake.headings import is_agreement, is_filler
from merge.text.folding import plain_letters
from merge.text.tables import listed_words, table_rows
from merge.workbook.translated_words import says_no, says_yes

Verdict = Literal["yes", "no", "neither"]
_Kind = Literal[
    "yes",
    "no",
    "polite",
    "agree",
    "wish",
    "print",
    "part",
    "use",
    "name",
    "address",
    "letter",
    "word",
    "loose",
    "hide",
    "other",
    "limit",
    "turning",
    "objects",
    "later",
]
"""Kinds of phrases in consent.tsv.

- yes, no: a bare yes or no.
- polite: a word after a no that changes nothing (`No, please do not`).
- agree: agreement.
- wish: a wish or permission, which agrees only with a verb (`I want to sign`, `you may print it`).
- print, part, use: printing; taking part; using.
- name, address, letter: the things that are printed, and in what.
- word: a word without meaning.
- loose: such a word, if it changes a bare agreement (`I agree with the minister`).
- hide: kept from others.
- other: something else that people agree to.
- limit: a partial yes.
- turning, objects, later: see `is_prohibition`."""
_PLAIN_YES_KINDS: frozenset[_Kind] = frozenset(
    {"yes", "agree", "wish", "print", "part", "use", "name", "address", "letter", "word"}
)
"""Kinds that a plain yes consists of."""
_NEVER_PLAIN_KINDS: frozenset[_Kind] = frozenset({"hide", "other", "limit"})
_PRINTED_KINDS: frozenset[_Kind] = frozenset({"name", "address", "letter"})

_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=4096)
def verdict(word: str, heading: str = "") -> Verdict:
    """Return the meaning of a word as an answer to the question in a heading.

    If the heading refuses, or asks for something else, no word is a plain yes. Examples are `I do
    not agree to be printed` and `I agree to the privacy policy`.
    """
    plain = _normalise(word)
    if not plain or _is_bare_no(plain) or _is_polite_no(plain):
        return "no"
    if (
        word.rstrip().endswith(("?", "؟", "？"))
        or asks_for_refusal(heading)
        or not _asks_for_consent(heading)
    ):
        return "neither"
    if says_yes(plain) or plain in _phrases_of_kind("yes"):
        return "yes"
    words = _WORD.findall(plain)
    if len(words) > _MAX_WORDS:
        return "neither"
    return (
        "yes" if _is_plain_yes(words, heading) or _repeats_question(words, heading) else "neither"
    )


def _is_bare_no(plain: str) -> bool:
    return says_no(plain) or plain in _phrases_of_kind("no")


def _is_polite_no(plain: str) -> bool:
    """Return True if words after a no only repeat it politely."""
    first, *others = _WORD.findall(plain) or [""]
    return _is_bare_no(first) and all(word in _phrases_of_kind("polite") for word in others)


_MAX_WORDS = 60
"""Most words of a plain yes."""


def _is_plain_yes(words: Sequence[str], heading: str) -> bool:
    """Return True if words only agree to be printed or to take part."""
    word_kinds = [*_phrase_kinds(words)]
    all_kinds = frozenset[_Kind]().union(*word_kinds)
    if not all(kinds & _PLAIN_YES_KINDS for kinds in word_kinds) or all_kinds & _NEVER_PLAIN_KINDS:
        return False
    if not all_kinds & _PRINTED_KINDS and not all_kinds & {"print", "part"}:
        return bool(all_kinds & {"yes", "agree"}) and "loose" not in all_kinds
    if not all_kinds & {"yes", "agree", "wish"}:
        return False
    return _covers_request(all_kinds, heading) and (
        _is_about_printing(all_kinds) or {"name", "letter"} <= all_kinds
    )


def _covers_request(kinds: frozenset[_Kind], heading: str) -> bool:
    """Return True if an answer's words name all that a heading asks for.

    An address alone is never enough.
    """
    asked_for = (_all_kinds(heading) | {"name"}) & {"name", "address"}
    return not kinds & {"name", "address"} or asked_for <= kinds


def _repeats_question(words: Sequence[str], heading: str) -> bool:
    """Return True if words repeat the question, as selected checkboxes do."""
    answer_words = {word for word in words if not is_filler(word)}
    question_words = {word for word in _WORD.findall(_normalise(heading)) if not is_filler(word)}
    kinds = _all_kinds(" ".join(words))
    if (
        kinds & _NEVER_PLAIN_KINDS
        or not _is_about_printing(kinds)
        or not _covers_request(kinds, heading)
    ):
        return False
    return (
        len(answer_words) > 2
        and answer_words <= question_words
        and len(answer_words) >= _LEAST_REPEATED_SHARE * len(question_words)
    )


_LEAST_REPEATED_SHARE = 0.6
"""Least share of the question that a checkbox repeats."""


def _is_about_printing(kinds: frozenset[_Kind]) -> bool:
    """Return True if words of these kinds are about printing or taking part."""
    return bool(kinds & {"print", "part"}) or {"use", "name", "letter"} <= kinds


def _asks_for_consent(heading: str) -> bool:
    """Return True if a yes to a heading may be consent to printing.

    Taking part counts as well. A heading that does not say what people agree to, such as `Consent`
    or `Your decision`, is accepted.
    """
    if any(map(_asks_for_anonymity, _sentences(heading))):
        return False
    words = _WORD.findall(_normalise(heading))
    word_kinds = [*_phrase_kinds(words)]
    all_kinds = frozenset[_Kind]().union(*word_kinds)
    if "print" in all_kinds or (_is_about_printing(all_kinds) and "other" not in all_kinds):
        return True
    if "other" in all_kinds:
        return False
    return not all_kinds & {"agree", "wish"} or all(
        kinds & _PLAIN_YES_KINDS for kinds in word_kinds
    )


def _asks_for_anonymity(words: Sequence[str]) -> bool:
    """Return True if a sentence asks to hide a name, or to stay anonymous."""
    kinds = _all_kinds(" ".join(words))
    return "hide" in kinds and ("print" not in kinds or "name" in kinds)


def asks_for_refusal(heading: str) -> bool:
    """Return True if yes may mean no, because a heading asks for the opposite.

    A negating word is next to words of agreement or printing; in a short heading it may be
    anywhere. `I agree. I may withdraw at any time` refuses nothing.
    """
    before, _, last = _CHOICE_MARK.sub("/", heading.rstrip(" )]")).rpartition("/")
    if (
        before
        and verdict(last) == "no"
        and verdict(re.split(r"[\s/]", before.rstrip())[-1]) != "yes"
    ):
        return True  # one option of a question: `May we print it? [No]`
    return is_prohibition(heading)


def is_prohibition(heading: str) -> bool:
    """Return True if a heading forbids printing: `Do not print my name`."""
    return any(_is_negated(words) or _asks_for_secrecy(words) for words in _sentences(heading))


def _asks_for_secrecy(words: Sequence[str]) -> bool:
    """Return True if a sentence asks for secrecy: `Keep my name private`.

    It does not ask for consent to printing.
    """
    kinds = _all_kinds(" ".join(words))
    return "hide" in kinds and "name" in kinds and "print" not in kinds


def _is_negated(words: Sequence[str]) -> bool:
    pairs = [tuple(words[at : at + 2]) for at in range(len(words))]
    negations = [at for at, (word, *_) in enumerate(pairs) if word in _phrases_of_kind("turning")]
    negations = [at for at in negations if not is_agreement(pairs[at])]  # `не возражаю`
    negations = [at for at in negations if not (at and says_yes(words[at - 1]))]  # `yes/no`
    if not _phrases_of_kind("later").isdisjoint({*map(" ".join, pairs), *words}):
        return False
    consent_words = [at for at, (word, *_) in enumerate(pairs) if _is_consent_word(word)]
    is_near = any(-2 <= at - negation <= 3 for at in consent_words for negation in negations)
    return bool(negations) and (is_near or (bool(consent_words) and len(words) <= _FEW_WORDS))


def _is_consent_word(word: str) -> bool:
    return (
        is_agreement([word])
        or word in _phrases_of_kind("print")
        or word in _phrases_of_kind("objects")
    )


_CHOICE_MARK = re.compile(r"[\[(/]")
_SENTENCE_END = re.compile(r"[.!?;؟。？！:](?:\s|$)")
_FEW_WORDS = 7


def _sentences(heading: str) -> Iterator[list[str]]:
    return map(_WORD.findall, _SENTENCE_END.split(plain_letters(heading)))


def _normalise(text: str) -> str:
    return " ".join(plain_letters(text.replace(";", " ").replace("_", " ")).split()).strip(
        " .,!;:'\""
    )


# The table of phrases, consent.tsv.


@cache
def _kinds_by_phrase() -> Mapping[tuple[str, ...], frozenset[_Kind]]:
    """Return the meanings of each phrase of consent.tsv, by its words."""
    kinds_by_phrase: dict[tuple[str, ...], set[_Kind]] = {}
    for kind, phrase in _table_rows():
        kinds_by_phrase.setdefault(tuple(_WORD.findall(phrase)), set()).add(kind)
    kinds_by_phrase.pop((), None)
    return {words: frozenset(kinds) for words, kinds in kinds_by_phrase.items()}


@cache
def _table_rows() -> Sequence[tuple[_Kind, str]]:
    rows = table_rows("merge.intake", "consent.tsv")
    kinds: dict[str, _Kind] = {kind: kind for kind in get_args(_Kind)}
    return [
        (kinds[kind], plain_letters(p)) for kind, _, phrases in rows for p in listed_words(phrases)
    ]


@cache
def _phrases_of_kind(kind: _Kind) -> frozenset[str]:
    """Return the phrases of consent.tsv that have a meaning."""
    return frozenset(phrase for row_kind, phrase in _table_rows() if row_kind == kind)


def _all_kinds(text: str) -> frozenset[_Kind]:
    return frozenset[_Kind]().union(*_phrase_kinds(_WORD.findall(_normalise(text))))


_LONGEST_PHRASE = 4
"""Most words of a phrase in consent.tsv."""


def _phrase_kinds(words: Sequence[str]) -> Iterator[frozenset[_Kind]]:
    """Yield the kinds of each phrase in words, or none for an unknown word.

    The longest phrases come first. `Si` is a yes only at the beginning; in a sentence it means
    "if".
    """
    at = 0
    while at < len(words):
        for count in range(min(_LONGEST_PHRASE, len(words) - at), 0, -1):
            kinds = _kinds_of_phrase(tuple(words[at : at + count]))
            if kinds:
                break
        yield kinds - {"limit"} if not at and "yes" in kinds else kinds
        at += count


@lru_cache(maxsize=4096)
def _kinds_of_phrase(phrase: tuple[str, ...]) -> frozenset[_Kind]:
    """Return the kinds of a phrase, including those of words in headings.tsv."""
    kinds = _kinds_by_phrase().get(phrase, frozenset[_Kind]())
    if len(phrase) > 1:
        if not is_agreement(phrase):
            return kinds
        kinds_of_words = frozenset[_Kind]().union(*(_kinds_of_phrase((word,)) for word in phrase))
        return kinds | _AGREE_KINDS | (kinds_of_words - {"limit", "turning"})  # `не возражаю`
    is_yes = len(phrase[0]) > 1 and says_yes(phrase[0])
    more = [
        (is_filler(phrase[0]), _WORD_KINDS),
        (is_yes, _YES_KINDS),
        (is_agreement(phrase), _AGREE_KINDS),
    ]
    return kinds.union(*(kind for is_so, kind in more if is_so))


_WORD_KINDS: frozenset[_Kind] = frozenset({"word"})
_YES_KINDS: frozenset[_Kind] = frozenset({"yes"})
_AGREE_KINDS: frozenset[_Kind] = frozenset({"agree"})


def plain_yes_words(words: Mapping[str, int], heading: str) -> tuple[str, ...]:
    """Return the words of a column that are a plain yes."""
    return tuple(word for word in words if verdict(word, heading) == "yes")


def unclear_words(words: Mapping[str, int], heading: str) -> tuple[str, ...]:
    """Return the words of a column that are not a plain yes or a plain no."""
    return tuple(word for word in words if verdict(word, heading) == "neither")


# Words as in the Forms sheet.


def quote_words(words: Iterable[str]) -> str:
    """Return words in quotation marks with commas: `"Yes, I agree", "1"`."""
    return ", ".join('"' + word.replace('"', '""') + '"' for word in words)


def parse_quoted_words(text: str) -> tuple[str, ...]:
    """Return the words of a list like `"Yes", "1"`; quotes may be missing."""
    straight = re.sub("[“”„«»]", '"', text)
    row = next(csv.reader([" ".join(straight.split())], skipinitialspace=True), [])
    return tuple(word.strip() for word in row if word.strip())
