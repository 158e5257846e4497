"""Addresses for envelopes, labels and parcels, read from finished letters.

The recipient's address is taken as it stands in the finished letter, line for line. It is never
put together, put in order or guessed, and nothing of the signer's is taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Literal

from merge import messages
from merge.people import Person
from merge.printing.address_columns import sheet_address_lines
from merge.problems import Place, Problem
from merge.text.folding import folded_words
from merge.values import BLANK

_MAX_LINE_LENGTH, _MAX_SENTENCE_LENGTH = 200, 100
"""Characters of a line of an address, and of one that ends as sentences do."""

_SENTENCE_ENDS = (".", "!", "?", "。", "؟")

_NON_ADDRESS_TAGS = {"id", "include", "template", "language", "salutation"}
"""The program's own columns, of which no address is made."""

_COLONS = (":", "：")
_GREETING_ENDS = (",", "!", "،", "，", "！", *_COLONS)

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


def recipient_address_lines(
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
    block = next(letter.find_blocks(own.name_words), None)
    if block is None:
        block = next(letter.find_blocks(own.first_line), None)
        if block is None or letter.has_name_above(block):
            return ()
    return letter.lines[block.start : block.stop] if letter.is_complete(block) else ()


def signer_address_lines(
    paragraphs: Sequence[str], signer: Person, recipient: Person
) -> tuple[str, ...]:
    """Return the signer's address as the letter has it, else as the sheet does; empty if neither.

    In a letter the typed name begins it, whatever stands above, and it ends as an address does. The
    sheet is asked where the letter shows all that the sheet has, or nothing of it; where it shows
    some, somebody may have edited the rest.
    """
    own = _CellWords(signer)
    letter = _AddressSearch(paragraphs, own, _CellWords(recipient))
    for block in letter.find_blocks(own.name_words):
        if letter.has_clear_end(block) and own.name_words == letter.words_of_line(block.start):
            return letter.lines[block.start : block.stop]
    listed = sheet_address_lines(signer)
    text = tuple(word for paragraph in paragraphs for word in folded_words(paragraph))
    shown = [_contains_words(text, folded_words(line)) for line in listed]
    if listed and (all(shown) or not any(shown)):
        return (str(signer.name), *listed)
    return ()


def _line_words(text: str) -> list[Words]:
    return [found for found in map(folded_words, text.splitlines()) if found]


def _contains_words(words: Words, part: Words) -> bool:
    return bool(part) and any(words[n : n + len(part)] == part for n in range(len(words)))


class _CellWords:
    """The lines of a person's cells, as words."""

    def __init__(self, person: Person) -> None:
        texts = [text for tag, text in person.fields.items() if tag not in _NON_ADDRESS_TAGS]
        self._lines = [words for text in texts for words in _line_words(text)]
        self.name_words = next(iter(_line_words(person.name)), ())
        self.first_line = next(iter(self._lines), ())
        self._names = [self.name_words, *_line_words(person.fields.get("salutation", BLANK))]

    def are_whole_lines(self, words: Words) -> bool:
        """Return whether the words are whole lines of cells, one behind the other."""
        ends = {0}
        for start in range(len(words)):
            if start in ends:
                ends |= {start + len(p) for p in self._lines if words[start : start + len(p)] == p}
        return bool(words) and len(words) in ends

    def end_with_name(self, words: Words) -> bool:
        """Return whether the words end in the name or the salutation, as those of a greeting do."""
        return any(words[-len(part) :] == part for part in self._names if part)

    def count_cells(self, words: Words) -> int:
        """Return how many cells have the words as a line; 1 where they are several lines."""
        return self._lines.count(words) or 1


_LineOwner = Literal["own", "other", ""]


class _AddressSearch:
    """The lines of a letter, and whose cells each is made up of.

    `own` are those of the person whose address is looked for, `other` those of the other one.
    """

    def __init__(
        self, paragraphs: Sequence[str], own: _CellWords, other: _CellWords | None
    ) -> None:
        split = [text.split("\n") for text in paragraphs]
        self.lines = tuple(line.strip() for lines in split for line in lines)
        self._paragraph_edges = {0, *accumulate(map(len, split))}
        self._line_words = [folded_words(line) for line in self.lines]
        self._person_words = own
        self._owners = list(self._find_line_owners(other))

    def _find_line_owners(self, other: _CellWords | None) -> Iterator[_LineOwner]:
        """Yield whose each line is.

        One that may be both's is the other's below another line of theirs, else the own one's.
        """
        owner: _LineOwner = ""
        for line, found in zip(self.lines, self._line_words, strict=True):
            is_other = other is not None and other.are_whole_lines(found)
            most = _MAX_SENTENCE_LENGTH if line.endswith(_SENTENCE_ENDS) else _MAX_LINE_LENGTH
            is_own = len(line) <= most and self._person_words.are_whole_lines(found)
            if is_own and not (is_other and owner == "other"):
                owner = "own"
            else:
                owner = "other" if is_other else ""
            yield owner

    def words_of_line(self, number: int) -> Words:
        """Return the words of a line."""
        return self._line_words[number]

    def find_blocks(self, anchor: Words) -> Iterator[range]:
        """Yield the own runs of lines that hold the anchor, without a greeting below."""
        for owner, run in groupby(range(len(self.lines)), self._owners.__getitem__):
            numbers = list(run)
            first, last = numbers[0], numbers[-1]
            is_greeting = self._ends_like_greeting(last) and self._person_words.end_with_name(
                self._line_words[last]
            )
            block = range(first, last if is_greeting else last + 1)
            holds_anchor = any(_contains_words(self._line_words[n], anchor) for n in block)
            if owner == "own" and len(block) > 1 and holds_anchor:
                yield block

    def has_name_above(self, block: range) -> bool:
        """Return whether the own name stands above a block."""
        return any(
            _contains_words(words, self._person_words.name_words)
            for words in self._line_words[: block.start]
        )

    def is_complete(self, block: range) -> bool:
        """Return whether a block is the whole address: nothing is missing, nothing too much."""
        inner = self._line_words[block.start : block.stop]
        if any(inner.count(words) > self._person_words.count_cells(words) for words in inner):
            return False  # the same line twice: one of the two is not of the address
        begins = self._is_paragraph(block) or self._may_begin_below(block.start - 1)
        return begins and self.has_clear_end(block)

    def has_clear_end(self, block: range) -> bool:
        """Return whether a block ends as a whole address does, and nothing more of it is near."""
        ends = self._is_paragraph(block) or self._may_end_above(block.stop)
        return ends and self._is_isolated(block)

    def _is_paragraph(self, block: range) -> bool:
        """Return whether a block is a paragraph of its own, with breaks between its lines."""
        edges = self._paragraph_edges.intersection(range(block.start, block.stop + 1))
        return edges == {block.start, block.stop}

    def _may_begin_below(self, number: int) -> bool:
        """Return whether an address may begin below a line; -1 is the top of the letter."""
        if number < 0 or not self.lines[number] or self._owners[number] == "other":
            return True
        return self.lines[number].endswith(_COLONS) or bool(_DATE.search(self.lines[number]))

    def _may_end_above(self, number: int) -> bool:
        """Return whether an address may end above a line, or where the letter ends."""
        if number == len(self.lines) or not self.lines[number]:
            return True
        return bool(_DATE.search(self.lines[number])) or self._may_be_greeting(number)

    def _is_isolated(self, block: range) -> bool:
        """Return whether no other own line is next to a block.

        Blank lines do not count, nor does what stands below a greeting. But a greeting without a
        blank line above it may be an edited line of the address: then the next line must be
        neither an own one nor a second greeting.
        """
        filled = [n for n, line in enumerate(self.lines) if line]
        near = [n for n in filled if n < block.start][-1:]
        below, behind, *_ = [*(n for n in filled if n >= block.stop), None, None]
        if below is not None and not self._may_be_greeting(below):
            near.append(below)
        elif below == block.stop and behind is not None:
            if self._may_be_greeting(behind) and not self.lines[behind].endswith(_COLONS):
                return False
            near.append(behind)
        return not any(self._owners[n] == "own" for n in near)

    def _may_be_greeting(self, number: int) -> bool:
        """Return whether a line may be a greeting: `Your Excellency,`, `Dear Minister`."""
        return self._ends_like_greeting(number) or self._person_words.end_with_name(
            self._line_words[number]
        )

    def _ends_like_greeting(self, number: int) -> bool:
        return self.lines[number].endswith(_GREETING_ENDS)
