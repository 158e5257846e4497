"""The kinds of the lines of an address: name, street, town and others.

Each line is scored for each kind. The kinds of a block are then chosen together: in the order in
which addresses are written, no kind twice, and always a name, because a letter needs one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from merge.countries import country_code
from merge.starting.letters import Unit
from merge.starting.words import beginning, word_set, words
from merge.text.folding import folded
from merge.text.names import is_title_or_particle

HEADINGS = {
    "name": "Name",
    "position": "Position",
    "organisation": "Organisation",
    "street": "Street",
    "city": "City",
    "country": "Country",
    "phone": "Phone",
    "email": "Email",
    "web": "Website",
    "line": "Address line",
}
"""The column heading for each kind, in the usual order of an address."""
_ORDER = tuple(HEADINGS)[:-1]
_BEAM = 40
"""Maximum number of labellings of a block that are followed at a time."""

_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_EMAIL, _WEB = re.compile(r"\S@[^\s@]{1,100}\.\w"), re.compile(r"(?i)\b(?:www\.|https?://)\S+")
_PHONE = re.compile(r"\+?\(?\d[\d ()/.-]{6,}\d")
_LABEL = re.compile(
    r"(?:[^\W\d_][\w.’'-]* ){0,2}[^\W\d_][\w./’'-]{0,20}\s?[:#№] "
    r"|(?i:tel|tél|тел|cel|mob|fax)\. (?=[+(\d])"
)
_PHONE_LABEL = re.compile(
    r"(?i)\+|(?:t|tel|telefon|phone|fax|mobile?|mob|natel|cell|gsm|тел|tél)\b"
)
_POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,2}-?)?\d{4,6}\b|\b\d{2}-\d{3}\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"
    r"|\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b|\b\d{3} \d{2}\b|\b\d{4} ?[A-Z]{2}\b|\bCEDEX\b"
)
_LATE_WORD = 99
_LEAST_SURE = 1.6
"""Score from which the kind of a text is certain enough for a heading."""
_MOST_LOST = 2.0
"""Most that the score of a block may fall if blocks get the same kinds."""
_LAST_LINE_SCORE = 0.9
"""Score of the last line as a country, even if no country has this name."""


def is_country(text: str) -> bool:
    """Return whether a text is the name of a country."""
    return country_code(text) != ""


def begins_with_title(text: str) -> bool:
    """Return whether a text begins with a form of address: `Mr`, `Dr.`."""
    if beginning("honour").match(text):
        return True
    word = folded(text.partition(" ")[0]).rstrip(".,")
    is_general = word in word_set("particle") or word in word_set("position") or len(word) < 2
    return is_title_or_particle(word) and not is_general


def line_label(text: str) -> str:
    """Return the label with which a line begins, with its space: `Attn: `.

    A line in brackets begins with its bracket.
    """
    if text.startswith("(") and text.endswith(")"):
        return "("
    found = beginning("line label").match(text)
    if found and text.startswith(f"{found[0]} "):
        return f"{found[0]} "
    other = _LABEL.match(text)
    return other[0] if other else ""


def line_ending(text: str) -> str:
    """Return what follows the words of a line: a comma, a bracket, `様`."""
    ends = (",", "،", *words("honour end"), *(")" if line_label(text) == "(" else ""))
    rest = next((text.removesuffix(end) for end in ends if text.endswith(end)), text)
    return text[len(rest.rstrip()) :]


@cache
def kind_scores(text: str) -> dict[str, float]:
    """Return how much a line looks like each kind; 0 if not at all."""
    scores = dict.fromkeys(HEADINGS, 0.0) | {"line": 0.3}
    if is_country(text):
        scores["country"] = 4
    label = line_label(text)
    _score_contact(text, scores)
    text = text.removeprefix(label)
    if label and _PHONE.fullmatch(text):
        scores["phone"] = 5
    _score_office(text, scores)
    _score_name(text, scores)
    _score_place(text, scores)
    if beginning("line label").match(label):
        scores |= {"name": 3.5, "position": 0.0}
    return scores


def likely_kind(text: str) -> str:
    """Return the kind of a text in a sentence; `line` if nothing shows it."""
    scores = kind_scores(text)
    kind = max(scores, key=lambda name: scores[name])
    return kind if scores[kind] >= _LEAST_SURE else "line"


def _score_contact(text: str, scores: dict[str, float]) -> None:
    if _EMAIL.search(text):
        scores["email"] = 5
    elif _WEB.search(text):
        scores["web"] = 5
    elif _PHONE.search(text) and _PHONE_LABEL.match(text.strip()):
        scores["phone"] = 5


def _score_office(text: str, scores: dict[str, float]) -> None:
    found = [folded(word).rstrip(".") for word in _WORD.findall(text)]
    position = next((n for n, w in enumerate(found) if _is_among(w, "position")), _LATE_WORD)
    office = next((n for n, w in enumerate(found) if _is_among(w, "office")), _LATE_WORD)
    if position < _LATE_WORD and position <= office:
        scores["position"] = 3 if position <= 3 else 1.5
    if office < position:
        scores["organisation"] = 3


@cache
def _is_among(word: str, kind: str) -> bool:
    """Return whether a word is known, also bent or as the end of another word."""
    known = word_set(kind)
    if word in known or any(word.endswith(end) for end in words(f"{kind} end")):
        return True
    return not word.isascii() and any(
        len(stem) > 4 and not stem.isascii() and word.startswith(stem[:-1])
        for stem in known
        if abs(len(word) - len(stem)) < 4
    )


def _score_name(text: str, scores: dict[str, float]) -> None:
    particles = word_set("particle")
    shaped = [
        word
        for word in _WORD.findall(text)
        if folded(word) not in particles and not _is_name_particle(word)
    ]
    has_digits = any(map(str.isdigit, text))
    if has_digits or not shaped:
        return
    if len(shaped) in range(2, 7) and all(map(_is_capital, shaped)):
        scores["name"] = 1.6
    title = beginning("honour").match(text)
    rest = [folded(word) for word in _WORD.findall(text[title.end() :])] if title else []
    is_office = any(_is_among(word, "office") or word in ("of", "for", "the") for word in rest)
    if (rest and len(shaped) >= 2 and not is_office) or text.endswith(words("honour end")):
        scores["name"] = 3.5
    if title and all(word in particles or beginning("honour").fullmatch(word) for word in rest):
        scores["name"] = 0.0  # a form of address on a line of its own
    is_linked = any(folded(word) in particles for word in _WORD.findall(text))
    if is_linked and not scores["position"] and scores["name"] < 3:
        scores["name"] *= 0.6
        scores["organisation"] += 0.8


def _is_name_particle(word: str) -> bool:
    """Return whether a word is a small word inside names: `van`, `bin`."""
    return word.islower() and (is_title_or_particle(word) or word in word_set("name particle"))


def _is_capital(word: str) -> bool:
    """Return whether a word or a part of it has a capital: `Li`, `al-Rashid`."""
    parts = re.split(r"['’-]", word)
    return any(part[0].isupper() or unicodedata.category(part[0]) == "Lo" for part in parts if part)


def _score_place(text: str, scores: dict[str, float]) -> None:
    found = _WORD.findall(text)
    has_digits = any(map(str.isdigit, text))
    is_street = _is_street(text)
    if is_street:
        scores["street"] = 3 if has_digits else 1.2
    elif has_digits:
        scores["street"] = 0.9
    if has_digits and found and not is_street and _POSTCODE.search(text):
        scores["city"] = 3
    elif _is_town_abbreviation(text) or re.fullmatch(r"\d{3} [^\W\d]+", text):
        scores["city"] = 2
    elif not has_digits and len(found) in range(1, 4) and all(map(_is_capital, found)):
        is_other = scores["position"] or scores["organisation"]
        scores["city"] = 0.0 if is_other else 1.1


def _is_town_abbreviation(text: str) -> bool:
    """Return whether a line begins as towns do in Russian and Ukrainian."""
    return re.match(r"(?:г|м|пос|с)\. ?[А-ЯІЇЄҐ]", text) is not None


@cache
def _street_words() -> re.Pattern[str]:
    alone = "|".join(map(re.escape, sorted(words("street"), key=len, reverse=True)))
    ends = "|".join(words("street end"))
    return re.compile(rf"(?i)(?<!\w)(?:{alone})\.?(?=\W|$)|\w{{3,40}}(?:{ends})\b")


def _is_street(text: str) -> bool:
    return _street_words().search(text) is not None


def label_lines(lines: Sequence[Unit], *, needs_name: bool = True) -> None:
    """Give each line of a block its kind; one line is a name if it needs one."""
    best: list[tuple[float, tuple[str, ...]]] = [(0.0, ())]
    for number, unit in enumerate(lines):
        scores = kind_scores(unit.text)
        if number == len(lines) - 1 and number > 1 and not any(map(str.isdigit, unit.text)):
            scores = {**scores, "country": max(scores["country"], _LAST_LINE_SCORE)}
        grown = [
            (total + score + _order_bonus(kinds, kind, number, len(lines)), (*kinds, kind))
            for total, kinds in best
            for kind, score in scores.items()
            if score > 0 and (kind == "line" or kind not in kinds)
        ]
        best = sorted(grown, reverse=True)[:_BEAM]
    kinds = [*best[0][1]]
    if lines and needs_name and "name" not in kinds:
        words_only = [n for n, u in enumerate(lines) if not any(map(str.isdigit, u.text))]
        first = [n for n in words_only[:1] if n == 0 and kinds[n] == "line"]
        positions = [n for n, kind in enumerate(kinds) if kind == "position"]
        kinds[next(iter((*first, *positions, *words_only)), 0)] = "name"
    for unit, kind in zip(lines, kinds, strict=True):
        unit.kind = kind


def share_kinds(blocks: Sequence[Sequence[Unit]]) -> None:
    """Give blocks with the same number of lines the same kinds, if they suit."""
    if len({*map(len, blocks)}) > 1:
        return
    kinds = [[unit.kind for unit in block] for block in blocks]
    apart = sum(map(_score, blocks, kinds))
    shared, best = max((sum(_score(block, each) for block in blocks), each) for each in kinds)
    if apart - shared < _MOST_LOST * len(blocks):
        for unit, kind in ((u, k) for block in blocks for u, k in zip(block, best, strict=True)):
            unit.kind = kind


def _score(block: Sequence[Unit], kinds: Sequence[str]) -> float:
    return sum(kind_scores(unit.text)[kind] for unit, kind in zip(block, kinds, strict=True))


def _order_bonus(kinds: tuple[str, ...], kind: str, number: int, count: int) -> float:
    """Return what the place of a kind in a block adds to its score."""
    bonus = 0.0
    if kinds and kind != "line" and kinds[-1] != "line":
        in_order = _ORDER.index(kind) > _ORDER.index(kinds[-1])
        bonus += 0.5 if in_order or {kind, kinds[-1]} == {"name", "position"} else -0.8
    if kind == "name":
        bonus += 0.9 if number == 0 else 0.3 if number == 1 else -0.9 if number > 2 else 0.0
    if kind == "city" and number >= max(1, count - 2):
        bonus += 0.8
    return bonus
