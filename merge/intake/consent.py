"""A word in a column of consent -> whether it is a plain yes, a plain no, or neither.

A plain yes is a bare yes, or a sentence that agrees to be printed or to take part and says nothing
else: each of its words is in consent.tsv. What is neither is asked: `oui mais pas l'adresse`,
`yes, my name only`, `I agree that you keep my name private`, `I agree to the privacy policy`.
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
"""Of a phrase in consent.tsv: a bare yes or no; agreeing; a wish or leave, which agrees with a verb
only (`I want to sign`, `you may print it`); printing; taking part; using; what is printed, and in
what; a word that says nothing. `loose`: such a word changes a bare agreement, though (`I agree with
the minister`, `I would have agreed`). `hide`: kept from others. `other`: something else that people
agree to. `limit`: a yes in part. `turning`, `objects`, `later`: see `forbids`."""
_PLAIN_YES_KINDS: frozenset[_Kind] = frozenset(
    {"yes", "agree", "wish", "print", "part", "use", "name", "address", "letter", "word"}
)
"""Kinds of which every word of a plain yes is."""
_NEVER_PLAIN_KINDS: frozenset[_Kind] = frozenset({"hide", "other", "limit"})
_PRINTED_KINDS: frozenset[_Kind] = frozenset({"name", "address", "letter"})

_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=4096)
def verdict(word: str, heading: str = "") -> Verdict:
    """Return what a word says to the question of a heading.

    To a heading that refuses, or that asks for something else, no word is a plain yes:
    `I do not agree to be printed`, `I agree to the privacy policy`.
    """
    plain = _normalise(word)
    if not plain or says_no(plain) or plain in _phrases_of_kind("no"):
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


_MAX_WORDS = 60
"""Words of a plain yes."""


def _is_plain_yes(words: Sequence[str], heading: str) -> bool:
    """Return whether words agree, to nothing else than to be printed or to take part."""
    found = [*_phrase_kinds(words)]
    said = frozenset[_Kind]().union(*found)
    if not all(kinds & _PLAIN_YES_KINDS for kinds in found) or said & _NEVER_PLAIN_KINDS:
        return False
    if not said & _PRINTED_KINDS and not said & {"print", "part"}:
        return bool(said & {"yes", "agree"}) and "loose" not in said
    if not said & {"yes", "agree", "wish"}:
        return False
    return _covers_request(said, heading) and (
        _is_about_printing(said) or {"name", "letter"} <= said
    )


def _covers_request(said: frozenset[_Kind], heading: str) -> bool:
    """Return whether words name all that a heading asks for, and never an address alone."""
    asked = (_all_kinds(heading) | {"name"}) & {"name", "address"}
    return not said & {"name", "address"} or asked <= said


def _repeats_question(words: Sequence[str], heading: str) -> bool:
    """Return whether words are those of the question, as a box that is ticked gives them."""
    told = {word for word in words if not is_filler(word)}
    asked = {word for word in _WORD.findall(_normalise(heading)) if not is_filler(word)}
    said = _all_kinds(" ".join(words))
    if (
        said & _NEVER_PLAIN_KINDS
        or not _is_about_printing(said)
        or not _covers_request(said, heading)
    ):
        return False
    return len(told) > 2 and told <= asked and len(told) >= _LEAST_REPEATED_SHARE * len(asked)


_LEAST_REPEATED_SHARE = 0.6
"""How much of the question a box repeats at least."""


def _is_about_printing(said: frozenset[_Kind]) -> bool:
    """Return whether words of these kinds speak of being printed, or of taking part."""
    return bool(said & {"print", "part"}) or {"use", "name", "letter"} <= said


def _asks_for_consent(heading: str) -> bool:
    """Return whether a yes to a heading may be one to being printed, or to taking part.

    A heading that says nothing of what somebody agrees to, such as `Consent` or `Your decision`,
    does not speak against it.
    """
    if any(map(_asks_for_anonymity, _sentences(heading))):
        return False
    words = _WORD.findall(_normalise(heading))
    found = [*_phrase_kinds(words)]
    said = frozenset[_Kind]().union(*found)
    if "print" in said or (_is_about_printing(said) and "other" not in said):
        return True
    if "other" in said:
        return False
    return not said & {"agree", "wish"} or all(kinds & _PLAIN_YES_KINDS for kinds in found)


def _asks_for_anonymity(words: Sequence[str]) -> bool:
    """Return whether a sentence wants a name kept from others, or somebody anonymous."""
    said = _all_kinds(" ".join(words))
    return "hide" in said and ("print" not in said or "name" in said)


def asks_for_refusal(heading: str) -> bool:
    """Return whether a heading asks for the contrary of consent, so that yes may mean no.

    A word that turns it stands right beside words of agreement or of printing; in a heading of few
    words, anywhere. `I agree. I may withdraw at any time` refuses nothing.
    """
    before, _, last = _CHOICE_MARK.sub("/", heading.rstrip(" )]")).rpartition("/")
    if (
        before
        and verdict(last) == "no"
        and verdict(re.split(r"[\s/]", before.rstrip())[-1]) != "yes"
    ):
        return True  # one choice of a question: `May we print it? [No]`
    return is_prohibition(heading)


def is_prohibition(heading: str) -> bool:
    """Return whether the words of a heading forbid it: `Please do not print my name`."""
    return any(_is_negated(words) or _asks_for_secrecy(words) for words in _sentences(heading))


def _asks_for_secrecy(words: Sequence[str]) -> bool:
    """Return whether a sentence asks for secrecy, and not for consent: `Keep my name private`."""
    said = _all_kinds(" ".join(words))
    return "hide" in said and "name" in said and "print" not in said


def _is_negated(words: Sequence[str]) -> bool:
    pairs = [tuple(words[at : at + 2]) for at in range(len(words))]
    turned = [at for at, (word, *_) in enumerate(pairs) if word in _phrases_of_kind("turning")]
    turned = [at for at in turned if not is_agreement(pairs[at])]  # `не возражаю`
    turned = [at for at in turned if not (at and says_yes(words[at - 1]))]  # `yes/no`
    if not _phrases_of_kind("later").isdisjoint({*map(" ".join, pairs), *words}):
        return False
    spoken = [at for at, (word, *_) in enumerate(pairs) if _is_consent_word(word)]
    near = any(-2 <= at - other <= 3 for at in spoken for other in turned)
    return bool(turned) and (near or (bool(spoken) and len(words) <= _FEW_WORDS))


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


# The table.


@cache
def _kinds_by_phrase() -> Mapping[tuple[str, ...], frozenset[_Kind]]:
    """Return the kinds of each phrase of consent.tsv, by its words."""
    found: dict[tuple[str, ...], set[_Kind]] = {}
    for kind, phrase in _table_rows():
        found.setdefault(tuple(_WORD.findall(phrase)), set()).add(kind)
    found.pop((), None)
    return {words: frozenset(kinds) for words, kinds in found.items()}


@cache
def _table_rows() -> Sequence[tuple[_Kind, str]]:
    rows = table_rows("merge.intake", "consent.tsv")
    kinds: dict[str, _Kind] = {kind: kind for kind in get_args(_Kind)}
    return [(kinds[kind], plain_letters(p)) for kind, _, all_ in rows for p in listed_words(all_)]


@cache
def _phrases_of_kind(kind: _Kind) -> frozenset[str]:
    """Return the phrases of a kind."""
    return frozenset(phrase for own, phrase in _table_rows() if own == kind)


def _all_kinds(text: str) -> frozenset[_Kind]:
    return frozenset[_Kind]().union(*_phrase_kinds(_WORD.findall(_normalise(text))))


_LONGEST_PHRASE = 4
"""Words of a phrase of consent.tsv."""


def _phrase_kinds(words: Sequence[str]) -> Iterator[frozenset[_Kind]]:
    """Yield the kinds of each phrase of words, the longest first; none for an unknown word.

    `Si` is a yes at the beginning only: within a sentence it is an *if*.
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
    """Return the kinds of a phrase, those of words that headings know among them."""
    found = _kinds_by_phrase().get(phrase, frozenset[_Kind]())
    if len(phrase) > 1:
        if not is_agreement(phrase):
            return found
        within = frozenset[_Kind]().union(*(_kinds_of_phrase((word,)) for word in phrase))
        return found | _AGREE_KINDS | (within - {"limit", "turning"})  # `не возражаю`
    is_yes = len(phrase[0]) > 1 and says_yes(phrase[0])
    more = [
        (is_filler(phrase[0]), _WORD_KINDS),
        (is_yes, _YES_KINDS),
        (is_agreement(phrase), _AGREE_KINDS),
    ]
    return found.union(*(kind for is_so, kind in more if is_so))


_WORD_KINDS: frozenset[_Kind] = frozenset({"word"})
_YES_KINDS: frozenset[_Kind] = frozenset({"yes"})
_AGREE_KINDS: frozenset[_Kind] = frozenset({"agree"})


def plain_yes_words(words: Mapping[str, int], heading: str) -> tuple[str, ...]:
    """Return those of a column's words that are a plain yes."""
    return tuple(word for word in words if verdict(word, heading) == "yes")


def unclear_words(words: Mapping[str, int], heading: str) -> tuple[str, ...]:
    """Return those of a column's words that are neither a plain yes nor a plain no."""
    return tuple(word for word in words if verdict(word, heading) == "neither")


# As the sheet Forms has them.


def quote_words(words: Iterable[str]) -> str:
    """Return words in quotation marks, joined by commas: `"Yes, I agree", "1"`."""
    return ", ".join('"' + word.replace('"', '""') + '"' for word in words)


def parse_quoted_words(text: str) -> tuple[str, ...]:
    """Return the words of such a text; staff may have left the marks away."""
    straight = re.sub("[“”„«»]", '"', text)
    row = next(csv.reader([" ".join(straight.split())], skipinitialspace=True), [])
    return tuple(word.strip() for word in row if word.strip())
