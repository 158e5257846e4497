"""The zones of a letter: address, date, salutation, signature, others.

Lines above the salutation form blocks, which blank lines, cells and tabs separate. In some letters
each line is between blank lines; there, these separate nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from merge.ooxml.wordml import Element, W
from merge.starting.address_lines import begins_with_title, kind_scores, label_lines
from merge.starting.dates import find_date, has_year
from merge.starting.letters import Letter, Unit
from merge.starting.words import beginning
from merge.text.folding import UNSPACED_SCRIPTS, folded_words

_LONG_LINE = 110
"""Characters from which a line is text, and no line of an address."""
_LONGEST_SIGNATURE_LINE = 90
_LONGEST_CLOSING = 70
_LONGEST_NAME = 6
"""Words of a line that may end with a full stop and be no sentence."""
_KNOWN_KIND = 1
"""Score of a line from which its kind is known."""
_LONGEST_LABEL = 3
"""Words of a line that is a label and not a value: `Date:`."""
_HAS_CONTACT = re.compile(r"\d|\S@\S|(?i:\bwww\.)")
_SPREAD = re.compile(r"(?<=\b\w) (?=\w\b)")
"""The spaces of a word with spaces between its letters."""
_UNSPACED = re.compile(f"[{UNSPACED_SCRIPTS}]")
_LEAST_RUN = 3
"""Lines between blank lines from which they are one block."""
_BEFORE_DATE = re.compile(r"[^,:\d]{2,40}, ?(?:\w{1,6}\.? ){0,2}")
"""A town before a date: `Lima, le`."""
_DATE_SHARE = 0.45
"""The part of a line that a date must be for the line to be a date."""
_LEAST_LEAD = 1
"""Least lead of the best block over the next; else there is a question."""
_MOST_LINES_ABOVE = 2
"""Long lines above a salutation, such as a subject."""


def find_zones(letters: Sequence[Letter]) -> None:
    """Give each unit of letters its zone, and the lines of addresses kinds.

    An address that all letters have is the sender's, if their salutations differ or are missing.
    """
    texts = [{unit.plain for unit in letter.units} for letter in letters]
    sender: frozenset[str] = frozenset()
    while True:
        for letter in letters:
            _find_zones(letter, sender)
        addresses, greetings, signatures = (
            {frozenset(u.plain for u in letter.units if u.zone == zone) for letter in letters}
            for zone in ("address", "salutation", "signature")
        )
        shared = (each for each in addresses if all(each <= lines for lines in texts))
        found = sender.union(*shared, _letterhead(letters))
        has_no_greeting = greetings == {frozenset()} and len(signatures) == 1 < len(letters)
        if found == sender or not (len(greetings) > 1 or has_no_greeting):
            return
        sender = found


def _letterhead(letters: Sequence[Letter]) -> list[str]:
    """Return the first lines of all letters if one is the signer's name."""
    bodies = [[unit for unit in letter.units if unit.part == "body"] for letter in letters]
    rows = zip(*bodies, strict=False)
    same = takewhile(lambda row: len({unit.plain for unit in row}) == 1, rows)
    lines = [row[0].plain for row in same]
    names = {u.plain for u in bodies[0] if (u.zone, u.kind) == ("signature", "name")}
    return lines if names.intersection(lines) else []


def _find_zones(letter: Letter, sender: frozenset[str]) -> None:
    body = [unit for unit in letter.units if unit.part == "body"]
    for unit in letter.units:
        unit.zone = unit.part
    salutation = _find_salutation(body)
    text_start = next((n for n, u in enumerate(body) if _length(u.text) > _LONG_LINE), len(body))
    start = text_start if salutation is None else salutation
    if salutation is not None:
        body[salutation].zone = "salutation"
        for unit in body[salutation + 1 :]:
            is_greeting = beginning("greeting").match(unit.text) and _is_greeting(unit.text)
            if len(unit.text) < _LONGEST_CLOSING and is_greeting:
                unit.zone = "salutation"
    _mark_signature(body, start, letter.language)
    label_lines([unit for unit in body if unit.zone == "signature"])
    below = _lines_to_recipient(body, letter.language)
    blocks = _blocks_above([*body[:start], *below], letter.language, sender)
    _choose_address(letter, body, blocks, sender)


def _length(text: str) -> int:
    """Return the length of a text; a Chinese character counts as a short word."""
    return len(text) + 2 * len(_UNSPACED.findall(text))


def _find_salutation(body: Sequence[Unit]) -> int | None:
    """Return the number of the first greeting, or of a line above the text."""
    long_lines = [n for n, unit in enumerate(body) if _length(unit.text) > _LONG_LINE]
    end = long_lines[_MOST_LINES_ABOVE] if len(long_lines) > _MOST_LINES_ABOVE else len(body)
    known = (n for n, unit in enumerate(body[:end]) if _is_salutation(unit, n, len(body)))
    alone = (n for n in known if not _is_first_of_several(body[n : n + 2]))
    return next(alone, _find_unknown_salutation(body))


def _is_first_of_several(lines: Sequence[Unit]) -> bool:
    """Return whether a line is of an address whose lines end with commas."""
    next_unit = lines[-1]
    is_close = len(lines) == 2 and not next_unit.blanks and not _is_greeting(next_unit.text)
    return is_close and all(unit.text[-1] in ",،" for unit in lines)


def _find_unknown_salutation(body: Sequence[Unit]) -> int | None:
    """Return the last line alone above the text that ends as a greeting does."""
    start = next((n for n, unit in enumerate(body) if _length(unit.text) > _LONG_LINE), 0)
    for number in reversed(range(1, start)):
        unit, next_unit = body[number : number + 2]
        is_alone = number + 1 == start or (unit.blanks and next_unit.blanks)
        if is_alone and len(unit.text) < _LONGEST_CLOSING and unit.text[-1] in ",!،，":
            return number
    return None


def _is_salutation(unit: Unit, number: int, count: int) -> bool:
    text = unit.text
    if len(text) >= 120 or re.search(r"\w{4}[.]\s\w", text[25:]):
        return False
    if _is_greeting(text):
        return True
    is_inside = 0 < number < count - 1 and len(text) < 60
    is_greeting = beginning("greeting").match(text) is not None
    return is_greeting and is_inside and not beginning("honour").match(text)


def _is_greeting(text: str) -> bool:
    """Return whether a text begins and ends as a greeting does."""
    is_greeting = beginning("greeting").match(text) or begins_with_title(text)
    return bool(is_greeting) and text[-1] in ",:!،，;"


def _mark_signature(body: Sequence[Unit], start: int, language: str) -> None:
    """Mark the last closing, and the lines below it up to enclosures.

    If the last lines are of no known kind, a blank line parts them from the signature.
    """
    closing = _find_closing(body, start)
    if closing is None:
        return
    body[closing].zone = "closing"
    lines: list[Unit] = []
    for unit in body[closing + 1 :]:
        if _ends_signature(unit, language) or (lines and unit.text[-1] == ":"):
            break
        if _is_date(unit.text, language):
            unit.zone = "date"
        elif not lines and _continues_closing(unit.text):
            unit.zone = "closing"
        elif any(map(str.isalnum, unit.text)) and unit.text[-1] != ":":
            lines.append(unit)
    count = len(lines)
    for number, unit in reversed([*enumerate(lines)][1:]):
        if max(kind_scores(unit.text).values()) >= _KNOWN_KIND:
            break
        count = number if unit.blanks else count
    for unit in lines[:count]:
        unit.zone = "signature"


def _find_closing(body: Sequence[Unit], start: int) -> int | None:
    """Return the number of the last closing, or of a line that may be one."""
    below = range(len(body) - 1, start, -1)
    known = (n for n in below if _is_closing(body[n].text))
    return next(known, next((n for n in below if _may_be_closing(body[n:])), None))


def _continues_closing(text: str) -> bool:
    """Return whether a line above the name is a motto or a party: `For us,`."""
    return text[0] in '“«„"' or (text[-1] in ",،" and kind_scores(text)["name"] < _KNOWN_KIND)


def _ends_signature(unit: Unit, language: str) -> bool:
    """Return whether a line below the closing is not the signer's."""
    is_long = _length(unit.text) > _LONGEST_SIGNATURE_LINE
    if is_long or _is_text(unit) or beginning("enclosure").match(unit.text):
        return True
    return _line_zone(unit.text, language) == "label"


def _is_text(unit: Unit) -> bool:
    """Return whether a line is an item of a list, or a sentence."""
    is_sentence = unit.text[-1] in ".!?" and len(unit.text.split()) > _LONGEST_NAME
    return bool(unit.marker) or unit.text[-1] == ";" or is_sentence


def _lines_to_recipient(body: Sequence[Unit], language: str) -> Sequence[Unit]:
    """Return a label below the signature, and the address below it."""
    last = max((n for n, unit in enumerate(body) if unit.zone == "signature"), default=len(body))
    rest = body[last + 1 :]
    if not rest or _line_zone(rest[0].text, language) != "label":
        return ()
    end = next((n for n, unit in enumerate(rest) if n > 1 and unit.blanks), len(rest))
    return rest[:end]


def _is_closing(text: str) -> bool:
    text = _SPREAD.sub("", text)
    is_long = beginning("long closing").search(text) is not None
    is_short = len(text) < _LONGEST_CLOSING and beginning("closing").match(text) is not None
    return is_short or (is_long and len(text) < 4 * _LONGEST_CLOSING)


def _may_be_closing(lines: Sequence[Unit]) -> bool:
    """Return whether the last lines may be a closing in any language."""
    first, *others = lines
    is_short = all(_length(unit.text) < _LONGEST_CLOSING and not _is_text(unit) for unit in lines)
    return is_short and len(others) in range(1, 9) and first.text[-1] in ",،"


def _is_date(text: str, language: str) -> bool:
    found = find_date(text, language)
    if found:
        is_of_town = len(text) - found.end <= 3 and _BEFORE_DATE.fullmatch(text[: found.start])
        return bool(is_of_town) or found.end - found.start >= len(text) * _DATE_SHARE
    return has_year(text) and len(text) < 32 and bool(re.search(r"\b\d{1,2}\D", text))


def _blocks_above(above: Sequence[Unit], language: str, sender: frozenset[str]) -> list[list[Unit]]:
    """Return the blocks above the salutation; mark dates, subjects, labels."""
    blocks: list[list[Unit]] = [[]]
    previous: Unit | None = None
    for unit in above:
        unit.zone = _line_zone(unit.text, language)
        if unit.separator == "\t" and previous and previous.zone == "subject":
            unit.zone = "head"
        if unit.zone != "body" or _length(unit.text) > _LONG_LINE:
            blocks.append([])
        elif unit.blanks or unit.separator == "\t" or not _are_close(previous, unit, sender):
            blocks.append([unit])
        else:
            blocks[-1].append(unit)
        previous = unit
    blocks = [block for block in blocks if block]
    return _joined(above, blocks, sender)


def _line_zone(text: str, language: str) -> str:
    if _is_date(text, language):
        return "date"
    sender = beginning("from label").match(text)
    label = beginning("to label").match(text) or sender
    if label and not text[label.end() :].strip(" :.,"):
        return "label"
    if sender and text[sender.end() :].startswith(":"):
        return "head"
    if text[-1] in ":：" and len(text.split()) <= _LONGEST_LABEL:
        return "head"
    subject = beginning("subject").match(text)
    is_initial = subject and len(subject[0]) == 1 and text[1:2] == "."
    if subject and not is_initial and re.match(r"\s*[.:№#–-]|\s*$", text[subject.end() :]):
        return "subject"
    return "body"


def _are_close(previous: Unit | None, unit: Unit, sender: frozenset[str]) -> bool:
    """Return whether two lines may be of one block: one column, one person."""
    if previous is None:
        return True
    is_below_sender = previous.plain in sender and unit.plain not in sender
    return not is_below_sender and _column(previous) == _column(unit)


def _column(unit: Unit) -> object:
    """Return the text box or frame of a unit, or its table and column."""
    cell = unit.holder
    if not isinstance(cell, Element) or cell.tag != W + "tc":
        return cell
    row = cell.getparent()
    return cell if row is None else (row.getparent(), row.index(cell))


def _joined(
    above: Sequence[Unit], blocks: Sequence[list[Unit]], sender: frozenset[str]
) -> list[list[Unit]]:
    """Join several lines that are each alone between blank lines."""
    place = {unit: n for n, unit in enumerate(above)}
    joined: list[list[Unit]] = []
    run: list[list[Unit]] = []
    for block in [*blocks, []]:
        follows = bool(run and block) and place[block[0]] == place[run[-1][-1]] + 1
        if (
            follows
            and len(block) == 1
            and block[0].blanks == 1
            and _are_close(run[-1][-1], block[0], sender)
        ):
            run.append(block)
            continue
        is_address = len(run) >= _LEAST_RUN
        joined += [[unit for part in run for unit in part]] if is_address else run
        run = [block] if len(block) == 1 else []
        joined += [block] if len(block) > 1 else []
    return joined


def _choose_address(
    letter: Letter, body: Sequence[Unit], blocks: Sequence[list[Unit]], sender: frozenset[str]
) -> None:
    """Mark the block that is most likely the recipient's, and the others."""
    place = {unit: n for n, unit in enumerate(body)}
    names = [{*folded_words(u.text)} for u in body if (u.zone, u.kind) == ("signature", "name")]

    def label(block: list[Unit]) -> str:
        first = place[block[0]]
        return body[first - 1].text if first and body[first - 1].zone == "label" else ""

    def likelihood(block: list[Unit]) -> float:
        scores = [kind_scores(unit.text) for unit in block]
        value = blocks.index(block) / len(blocks) + min(len(block), 3) * 0.5
        value += 2 * any(s["position"] >= 2 for s in scores)
        value += any(s["organisation"] >= 2 or s["name"] >= 3 for s in scores)
        value -= 2 * any(s["email"] or s["phone"] or s["web"] for s in scores)
        value -= len(block) == 1
        if label(block):
            value += -3 if beginning("from label").match(label(block)) else 2
        return value

    possible = [block for block in blocks if label(block) or not _is_heading(block)]
    possible = [block for block in possible if not _is_sender(block, names, sender)]
    ranked = sorted(possible, key=likelihood, reverse=True)
    close = [
        block
        for block in ranked[1:]
        if len(block) > 1 and likelihood(ranked[0]) - likelihood(block) < _LEAST_LEAD
        if not _is_same(block, ranked[0])
    ]
    letter.blocks = [*ranked[:1], *close]
    mark_address(blocks, ranked[0] if ranked else ())


def _is_heading(block: Sequence[Unit]) -> bool:
    """Return whether a block is one line, of no person and no position."""
    scores = kind_scores(block[0].text)
    return len(block) == 1 and scores["position"] < 2 and scores["name"] < 3


def _is_sender(block: Sequence[Unit], names: Sequence[set[str]], sender: frozenset[str]) -> bool:
    """Return whether a block is the sender's, or has only numbers."""
    has_words = any(not _HAS_CONTACT.search(unit.text) for unit in block)
    lines = [{*folded_words(unit.text)} for unit in block]
    has_name = any(name <= line for name in names for line in lines)
    return not has_words or has_name or sender.issuperset(unit.plain for unit in block)


def _is_same(block: Sequence[Unit], other: Sequence[Unit]) -> bool:
    return [unit.plain for unit in block] == [unit.plain for unit in other]


def mark_address(blocks: Sequence[list[Unit]], address: Sequence[Unit]) -> None:
    """Mark one of the blocks as the address, and the others as sender or head.

    An envelope has the same address again. Each line of an address gets its kind.
    """
    for block in blocks:
        is_sender = len(block) > 1 or any(kind_scores(unit.text)["email"] for unit in block)
        zone = "address" if _is_same(block, address) else "sender" if is_sender else "head"
        for unit in block:
            unit.zone = zone
        if zone != "head":
            label_lines(block, needs_name=zone == "address")
