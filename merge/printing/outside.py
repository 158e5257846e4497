"""What goes on the outside of a letter: the lines of its address, its short id, where it goes back.

The recipient's address is taken as it stands in the finished letter, line for line. It is never
put together, put in order or guessed, and nothing of the signer's is taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from merge.model import BLANK, Person, Place, Problem
from merge.naming import folded

FEWEST_DIGITS = 4

_LONGEST, _LONGEST_SENTENCE = 200, 100
"""Characters of a line of an address, and of one that ends as sentences do."""

_SENTENCE_ENDS = (".", "!", "?", "。", "؟")

_NO_ADDRESS = {"id", "include", "template", "language", "salutation"}
"""The program's own columns, of which no address is made."""

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
"""A word; of Chinese and Japanese, which have no spaces between words, a character."""

_GREETING_ENDS = (",", ":", "!", "،", "，", "：", "！")

_DATE = re.compile(
    r"\b(?:\d{1,2}\w{0,2}\W+(?:de )?\w+\W+(?:de )?|\w+ \d{1,2}\w{0,2}\W+)(?:20|٢٠|۲۰)\d\d\W*\w?\W*$"
    r"|\b20\d\d(?:\W|年)\d{1,2}(?:\W|月)\d{1,2}\W*日?$"
)
"""A day of our time at the end of a line: `Bern, 3 March 2026`, `March 3rd, 2026`, `2026-03-03`.

The year does not stand first before a word: `2026 Bondi 3` may be a town and its postcode.
"""

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outside:
    """What an envelope or a label shows: a letter's whole id, and lines of text.

    `back` is the return address, empty for none. `path` is the letter's, as messages name it.
    """

    id: str
    lines: tuple[str, ...]
    back: tuple[str, ...] = ()
    path: str = ""


def digits_needed(ids: Iterable[str]) -> int:
    """How many digits, at least four, tell all these letters apart."""
    whole = set(ids)
    full = max(map(len, whole), default=FEWEST_DIGITS)
    lengths = range(FEWEST_DIGITS, full)
    return next((n for n in lengths if len({i[:n] for i in whole}) == len(whole)), full)


def unfit(outside: Outside, what: str, where: str) -> Problem:
    """A warning that an address has no room and was left out."""
    place = Place(outside.path or f"letter {outside.id}")
    told = f"the {what} does not fit on {where}, not even in small type, and is left out."
    return Problem("address-too-long", place, told, "Write it there by hand.", "warning")


def address_lines(
    paragraphs: Sequence[str], recipient: Person, signer: Person | None = None
) -> tuple[str, ...]:
    r"""The recipient's address as the finished letter has it; empty where that is not sure.

    `paragraphs` are the letter's from the top, those in tables too, with `\n` for a line break.
    An address is the first run of two or more lines that hold whole lines of the recipient's
    cells, separators and nothing else, the name among them; the first cell of the row will do
    where the name does not stand above.

    It is sure only where it plainly begins and ends: at a blank line or the ends of a paragraph,
    below a date, a line such as `To:` or the signer's own, above a greeting or a date. So a line
    that somebody has edited in the letter does not just drop out of the address. With `signer`
    given, lines of the signer's are known even where they say what a recipient's cell says.
    """
    own = _Cells(recipient)
    letter = _Letter(paragraphs, own, _Cells(signer) if signer else None)
    block = next(letter.blocks(own.name), None)
    if block is None:
        block = next(letter.blocks(own.first), None)
        if block is None or letter.names_above(block):
            return ()
    return letter.lines[block.start : block.stop] if letter.bounds(block) else ()


def _words(text: str) -> Words:
    return tuple(_WORD.findall(folded(text)))


def _lines_of(text: str) -> list[Words]:
    return [words for words in map(_words, text.splitlines()) if words]


def _hold(words: Words, part: Words) -> bool:
    return bool(part) and any(words[n : n + len(part)] == part for n in range(len(words)))


class _Cells:
    """What a person's cells say, a line each, as words."""

    def __init__(self, person: Person) -> None:
        texts = [text for tag, text in person.fields.items() if tag not in _NO_ADDRESS]
        self._lines = [words for text in texts for words in _lines_of(text)]
        self.name = next(iter(_lines_of(person.name)), ())
        self.first = next(iter(self._lines), ())
        self._called = [self.name, *_lines_of(person.fields.get("salutation", BLANK))]

    def make_up(self, words: Words) -> bool:
        """Whether the words are whole lines of cells, one behind the other."""
        ends = {0}
        for start in range(len(words)):
            if start in ends:
                ends |= {start + len(p) for p in self._lines if words[start : start + len(p)] == p}
        return bool(words) and len(words) in ends

    def end(self, words: Words) -> bool:
        """Whether the words end in the name or the salutation, as those of a greeting do."""
        return any(words[-len(part) :] == part for part in self._called if part)

    def count(self, words: Words) -> int:
        """How many cells have the words as a line; 1 where they are several lines together."""
        return self._lines.count(words) or 1


class _Letter:
    """The lines of a letter, and which of them are made up of the recipient's cells."""

    def __init__(self, paragraphs: Sequence[str], own: _Cells, signer: _Cells | None) -> None:
        split = [text.split("\n") for text in paragraphs]
        self.lines = tuple(line.strip() for lines in split for line in lines)
        self._words = [_words(line) for line in self.lines]
        self._edges = {0, *accumulate(map(len, split))}
        self._own = own
        self._signed = [False] * len(self.lines)
        self._made = [False] * len(self.lines)
        for n, (line, words) in enumerate(zip(self.lines, self._words, strict=True)):
            signed = signer is not None and signer.make_up(words)
            goes_on = signed and n > 0 and self._signed[n - 1]
            most = _LONGEST_SENTENCE if line.endswith(_SENTENCE_ENDS) else _LONGEST
            self._made[n] = len(line) <= most and own.make_up(words) and not goes_on
            self._signed[n] = signed and not self._made[n]

    def blocks(self, anchor: Words) -> Iterator[range]:
        """The runs of made-up lines, a greeting below them left out, that hold the anchor."""
        for made, run in groupby(range(len(self.lines)), self._made.__getitem__):
            numbers = list(run)
            last = numbers[-1]
            greeting = self._has_mark(last) and self._own.end(self._words[last])
            block = range(numbers[0], last if greeting else last + 1)
            if made and len(block) > 1 and any(_hold(self._words[n], anchor) for n in block):
                yield block

    def names_above(self, block: range) -> bool:
        """Whether the recipient's name stands above a block."""
        return any(_hold(words, self._own.name) for words in self._words[: block.start])

    def bounds(self, block: range) -> bool:
        """Whether a block is the whole address, plainly."""
        inner = self._words[block.start : block.stop]
        if any(inner.count(words) > self._own.count(words) for words in inner):
            return False  # the same line twice: one of the two is not of the address
        alone = self._edges.intersection(range(block.start, block.stop + 1))
        own_paragraph = alone == {block.start, block.stop}
        begins = own_paragraph or self._begins(block.start)
        return begins and (own_paragraph or self._ends(block.stop)) and self._is_apart(block)

    def _begins(self, start: int) -> bool:
        above = self.lines[start - 1] if start else ""
        if not above or self._signed[start - 1]:
            return True
        return above.endswith((":", "：")) or bool(_DATE.search(above))

    def _ends(self, stop: int) -> bool:
        below = self.lines[stop] if stop < len(self.lines) else ""
        return not below or bool(_DATE.search(below)) or self._greets(stop)

    def _is_apart(self, block: range) -> bool:
        """No other line of the recipient's cells is next to it, blank lines not counted.

        Right behind a greeting neither, and no second greeting: the first may be an edited line.
        """
        above = [n for n in range(block.start) if self.lines[n]][-1:]
        below = [n for n in range(block.stop, len(self.lines)) if self.lines[n]][:2]
        greeted = bool(below) and self._greets(below[0])
        behind = below[1:] if greeted and below[0] == block.stop else []
        near = [*above, *behind] if greeted else [*above, *below[:1]]
        again = any(self._greets(n) and not self.lines[n].endswith((":", "：")) for n in behind)
        return not again and not any(self._made[n] for n in near)

    def _greets(self, number: int) -> bool:
        """Whether a line may be a greeting: `Your Excellency,`, `Dear Minister`."""
        return self._has_mark(number) or self._own.end(self._words[number])

    def _has_mark(self, number: int) -> bool:
        return self.lines[number].endswith(_GREETING_ENDS)
