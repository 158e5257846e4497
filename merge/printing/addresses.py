"""Addresses for envelopes, labels and parcels, read from finished letters.

The recipient's address is taken as it stands in the finished letter, line for line. It is never
put together, put in order or guessed, and nothing of the signer's is taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from merge import messages
from merge.people import Person
from merge.printing.address_columns import sheet_lines
from merge.problems import Place, Problem
from merge.values import BLANK

_LONGEST, _LONGEST_SENTENCE = 200, 100
"""Characters of a line of an address, and of one that ends as sentences do."""

_SENTENCE_ENDS = (".", "!", "?", "。", "؟")

_NO_ADDRESS = {"id", "include", "template", "language", "salutation"}
"""The program's own columns, of which no address is made."""

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
class LetterAddress:
    """The text on an envelope or a label: a letter's whole id, and the lines of its address.

    `return_address` is empty for none. `path` is the letter's, as messages name it.
    """

    id: str
    lines: tuple[str, ...]
    return_address: tuple[str, ...] = ()
    path: str = ""


def address_too_long(letter: LetterAddress, address: str, stock: str) -> Problem:
    """Return a warning that an address has no room and is omitted."""
    place = Place(letter.path or f"letter {letter.id}")
    return messages.problem("address-too-long", place, address=address, stock=stock)


def address_lines(
    paragraphs: Sequence[str], recipient: Person, signer: Person | None = None
) -> tuple[str, ...]:
    r"""Return the recipient's address as the finished letter has it; empty where that is not sure.

    `paragraphs` are the letter's from the top, those in tables too, with `\n` for a line break.
    An address is the first run of two or more lines that hold whole lines of the recipient's
    cells, separators and nothing else, the name among them; the first cell of the row will do
    where the name does not stand above.

    It is sure only where it plainly begins and ends: at a blank line or the ends of a paragraph,
    below a date, a line such as `To:` or the signer's own, above a greeting or a date. So a line
    that somebody has edited in the letter does not just drop out of the address. With `signer`
    given, lines of the signer's are known even where they say what a recipient's cell says.
    """
    own = _CellWords(recipient)
    letter = _AddressSearch(paragraphs, own, _CellWords(signer) if signer else None)
    block = next(letter.blocks(own.name), None)
    if block is None:
        block = next(letter.blocks(own.first), None)
        if block is None or letter.has_name_above(block):
            return ()
    return letter.lines[block.start : block.stop] if letter.bounds(block) else ()


def signer_lines(paragraphs: Sequence[str], signer: Person, recipient: Person) -> tuple[str, ...]:
    """Return the signer's address as the letter has it, else as the sheet does; empty if neither.

    In a letter the typed name begins it, whatever stands above, and it ends as an address does. The
    sheet is asked where the letter shows all that the sheet has, or nothing of it; where it shows
    some, somebody may have edited the rest.
    """
    own = _CellWords(signer)
    letter = _AddressSearch(paragraphs, own, _CellWords(recipient))
    for block in letter.blocks(own.name):
        if letter.ends_plainly(block) and own.name == letter.words(block.start):
            return letter.lines[block.start : block.stop]
    listed = sheet_lines(signer)
    text = tuple(word for paragraph in paragraphs for word in words(paragraph))
    shown = [_contains(text, words(line)) for line in listed]
    if listed and (all(shown) or not any(shown)):
        return (str(signer.name), *listed)
    return ()


def _lines_of(text: str) -> list[Words]:
    return [found for found in map(words, text.splitlines()) if found]


def _contains(words: Words, part: Words) -> bool:
    return bool(part) and any(words[n : n + len(part)] == part for n in range(len(words)))


class _CellWords:
    """The lines of a person's cells, as words."""

    def __init__(self, person: Person) -> None:
        texts = [text for tag, text in person.fields.items() if tag not in _NO_ADDRESS]
        self._lines = [words for text in texts for words in _lines_of(text)]
        self.name = next(iter(_lines_of(person.name)), ())
        self.first = next(iter(self._lines), ())
        self._called = [self.name, *_lines_of(person.fields.get("salutation", BLANK))]

    def make_up(self, words: Words) -> bool:
        """Return whether the words are whole lines of cells, one behind the other."""
        ends = {0}
        for start in range(len(words)):
            if start in ends:
                ends |= {start + len(p) for p in self._lines if words[start : start + len(p)] == p}
        return bool(words) and len(words) in ends

    def end(self, words: Words) -> bool:
        """Return whether the words end in the name or the salutation, as those of a greeting do."""
        return any(words[-len(part) :] == part for part in self._called if part)

    def count(self, words: Words) -> int:
        """Return how many cells have the words as a line; 1 where they are several lines."""
        return self._lines.count(words) or 1


class _AddressSearch:
    """The lines of a letter, and which of them are made up of the recipient's cells."""

    def __init__(
        self, paragraphs: Sequence[str], own: _CellWords, signer: _CellWords | None
    ) -> None:
        split = [text.split("\n") for text in paragraphs]
        self.lines = tuple(line.strip() for lines in split for line in lines)
        self._words = [words(line) for line in self.lines]
        self._edges = {0, *accumulate(map(len, split))}
        self._own = own
        self._signed = [False] * len(self.lines)
        self._made = [False] * len(self.lines)
        for n, (line, own_words) in enumerate(zip(self.lines, self._words, strict=True)):
            signed = signer is not None and signer.make_up(own_words)
            goes_on = signed and n > 0 and self._signed[n - 1]
            most = _LONGEST_SENTENCE if line.endswith(_SENTENCE_ENDS) else _LONGEST
            self._made[n] = len(line) <= most and own.make_up(own_words) and not goes_on
            self._signed[n] = signed and not self._made[n]

    def blocks(self, anchor: Words) -> Iterator[range]:
        """Yield the runs of made-up lines that hold the anchor, without a greeting below them."""
        for made, run in groupby(range(len(self.lines)), self._made.__getitem__):
            numbers = list(run)
            last = numbers[-1]
            greeting = self._has_mark(last) and self._own.end(self._words[last])
            block = range(numbers[0], last if greeting else last + 1)
            if made and len(block) > 1 and any(_contains(self._words[n], anchor) for n in block):
                yield block

    def words(self, number: int) -> Words:
        """Return the words of a line."""
        return self._words[number]

    def ends_plainly(self, block: range) -> bool:
        """Return whether a block ends as a whole address does, and nothing more of it is near."""
        return (self._is_paragraph(block) or self._ends(block.stop)) and self._is_apart(block)

    def _is_paragraph(self, block: range) -> bool:
        """Return whether a block is a paragraph of its own, with breaks between its lines."""
        edges = self._edges.intersection(range(block.start, block.stop + 1))
        return edges == {block.start, block.stop}

    def has_name_above(self, block: range) -> bool:
        """Return whether the recipient's name stands above a block."""
        return any(_contains(words, self._own.name) for words in self._words[: block.start])

    def bounds(self, block: range) -> bool:
        """Return whether a block is the whole address, plainly."""
        inner = self._words[block.start : block.stop]
        if any(inner.count(words) > self._own.count(words) for words in inner):
            return False  # the same line twice: one of the two is not of the address
        is_bounded = self._is_paragraph(block) or (
            self._begins(block.start) and self._ends(block.stop)
        )
        return is_bounded and self._is_apart(block)

    def _begins(self, start: int) -> bool:
        above = self.lines[start - 1] if start else ""
        if not above or self._signed[start - 1]:
            return True
        return above.endswith((":", "：")) or bool(_DATE.search(above))

    def _ends(self, stop: int) -> bool:
        below = self.lines[stop] if stop < len(self.lines) else ""
        return not below or bool(_DATE.search(below)) or self._greets(stop)

    def _is_apart(self, block: range) -> bool:
        """Return whether no other line of the recipient's cells is next to it.

        Blank lines do not count. Right behind a greeting stands none either, and no second
        greeting: the first may be an edited line.
        """
        above = [n for n in range(block.start) if self.lines[n]][-1:]
        below = [n for n in range(block.stop, len(self.lines)) if self.lines[n]][:2]
        greeted = bool(below) and self._greets(below[0])
        behind = below[1:] if greeted and below[0] == block.stop else []
        near = [*above, *behind] if greeted else [*above, *below[:1]]
        again = any(self._greets(n) and not self.lines[n].endswith((":", "：")) for n in behind)
        return not again and not any(self._made[n] for n in near)

    def _greets(self, number: int) -> bool:
        """Return whether a line may be a greeting: `Your Excellency,`, `Dear Minister`."""
        return self._has_mark(number) or self._own.end(self._words[number])

    def _has_mark(self, number: int) -> bool:
        return self.lines[number].endswith(_GREETING_ENDS)
