"""Addresses for envelopes, labels and parcels, read from finished letters.

The recipient's address is copied from the finished letter, line for line. It is never composed,
reordered or guessed, and no data of the signer is used for it.
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
"""Most characters of an address line, and of one that is a sentence."""

_SENTENCE_ENDS = (".", "!", "?", "。", "؟")

_NON_ADDRESS_TAGS = {"id", "include", "template", "language", "salutation"}
"""The program's own columns, which are not part of an address."""

_COLONS = (":", "：")
_GREETING_ENDS = (",", "!", "،", "，", "！", *_COLONS)

_LETTERS = r"\w\u0900-\u0dff\u0e00-\u109f\u1780-\u17ff"
r"""Characters of words: `\w`, and vowel signs of South and South-East Asia."""

_DATE = re.compile(
    rf"\b(?:\d{{1,2}}\w{{0,2}}[^{_LETTERS}]+(?:de )?[{_LETTERS}]+[^{_LETTERS}]+(?:de )?"
    r"|\w+ \d{1,2}\w{0,2}\W+)(?:20|٢٠|۲۰)\d\d\W*\w?\W*$"
    r"|\b20\d\d(?:\W|年)\d{1,2}(?:\W|月)\d{1,2}\W*日?$"
)
"""A date of the 21st century at the end of a line.

Examples: `Bern, 3 March 2026`, `March 3rd, 2026`, `2026-03-03`. A year at the start is followed by
numbers, because `2026 Bondi 3` may be a town with its postcode.
"""

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LetterAddress:
    """The text on an envelope or a label, with the letter's short ID.

    `return_address` is empty for none. `path` is the letter's path as in messages.
    """

    short_id: str
    lines: tuple[str, ...]
    return_address: tuple[str, ...] = ()
    path: str = ""


def address_too_long(letter: LetterAddress, address: str, stock: str) -> Problem:
    """Return a warning that an address does not fit and is omitted."""
    place = Place(letter.path or f"letter {letter.short_id}")
    return messages.problem("address-too-long", place, address=address, stock=stock)


def recipient_address_lines(
    paragraphs: Sequence[str], recipient: Person, signer: Person | None = None
) -> tuple[str, ...]:
    r"""Return the recipient's address from the letter; empty if uncertain.

    `paragraphs` are the letter's from the top, those of tables included, with `\n` for a line
    break.

    1. The address is the first run of two or more lines that contain only complete lines of the
       recipient's cells, and separators.
    2. One of these lines must be the name. If the name is not above, the first cell of the row is
       enough.
    3. The address begins at the top or at the start of a paragraph. Otherwise a blank line, a date,
       a line such as `To:` or a line of the signer must be above it.
    4. It ends at the bottom or the end of a paragraph, or above a blank line, a greeting or a date.
       So a line that was edited in the letter is not dropped silently from the address.
    5. If `signer` is given, lines of the signer are recognised even if a recipient's cell has the
       same text.
    """
    recipient_words = _CellWords(recipient)
    search = _AddressSearch(paragraphs, recipient_words, _CellWords(signer) if signer else None)
    block = next(search.find_blocks(recipient_words.name_words), None)
    if block is None:
        block = next(search.find_blocks(recipient_words.first_line), None)
        if block is None or search.has_name_above(block):
            return ()
    return search.lines[block.start : block.stop] if search.is_complete(block) else ()


def signer_address_lines(
    paragraphs: Sequence[str], signer: Person, recipient: Person
) -> tuple[str, ...]:
    """Return the signer's address from the letter, else from the sheet.

    The result is empty if neither has one. In a letter, the typed name begins the address, whatever
    is above, and it ends as an address does. The sheet is used if the letter shows the complete
    address or nothing of it. If the letter shows a part, the rest may have been edited.
    """
    signer_words = _CellWords(signer)
    search = _AddressSearch(paragraphs, signer_words, _CellWords(recipient))
    for block in search.find_blocks(signer_words.name_words):
        if search.has_clear_end(block) and signer_words.name_words == search.words_of_line(
            block.start
        ):
            return search.lines[block.start : block.stop]
    sheet_address = sheet_address_lines(signer)
    text = tuple(word for paragraph in paragraphs for word in folded_words(paragraph))
    shown = [_contains_words(text, folded_words(line)) for line in sheet_address]
    if sheet_address and (all(shown) or not any(shown)):
        return (str(signer.name), *sheet_address)
    return ()


def _line_words(text: str) -> list[Words]:
    return [line for line in map(folded_words, text.splitlines()) if line]


def _contains_words(words: Words, part: Words) -> bool:
    return bool(part) and any(words[n : n + len(part)] == part for n in range(len(words)))


class _CellWords:
    """The lines of a person's cells, as words."""

    def __init__(self, person: Person) -> None:
        texts = [text for tag, text in person.fields.items() if tag not in _NON_ADDRESS_TAGS]
        self._lines = [line for text in texts for line in _line_words(text)]
        self.name_words = next(iter(_line_words(person.name)), ())
        self.first_line = next(iter(self._lines), ())
        self._names = [self.name_words, *_line_words(person.fields.get("salutation", BLANK))]

    def are_whole_lines(self, words: Words) -> bool:
        """Return whether words are complete lines of cells, in any order."""
        ends = {0}
        for start in range(len(words)):
            if start in ends:
                ends |= {start + len(p) for p in self._lines if words[start : start + len(p)] == p}
        return bool(words) and len(words) in ends

    def end_with_name(self, words: Words) -> bool:
        """Return whether the words end in the name or salutation.

        The words of a greeting do.
        """
        return any(words[-len(part) :] == part for part in self._names if part)

    def count_cells(self, words: Words) -> int:
        """Return the number of a person's cells that have the words as a line.

        It is 1 if the words are several lines.
        """
        return self._lines.count(words) or 1


_LineOwner = Literal["own", "other", ""]


class _AddressSearch:
    """The lines of a letter, and whose cells each line consists of.

    `own` lines are of the person whose address is searched for, `other` lines of the other person.
    """

    def __init__(
        self, paragraphs: Sequence[str], person_words: _CellWords, other_words: _CellWords | None
    ) -> None:
        split = [text.split("\n") for text in paragraphs]
        self.lines = tuple(line.strip() for lines in split for line in lines)
        self._paragraph_edges = {0, *accumulate(map(len, split))}
        self._line_words = [folded_words(line) for line in self.lines]
        self._person_words = person_words
        self._owners = list(self._find_line_owners(other_words))

    def _find_line_owners(self, other_words: _CellWords | None) -> Iterator[_LineOwner]:
        """Yield for each line of a letter the person whose data the line has.

        A line that both may own is the other person's if it follows another line of theirs.
        """
        owner: _LineOwner = ""
        for line, line_words in zip(self.lines, self._line_words, strict=True):
            is_other = other_words is not None and other_words.are_whole_lines(line_words)
            max_length = _MAX_SENTENCE_LENGTH if line.endswith(_SENTENCE_ENDS) else _MAX_LINE_LENGTH
            is_own = len(line) <= max_length and self._person_words.are_whole_lines(line_words)
            if is_own and not (is_other and owner == "other"):
                owner = "own"
            else:
                owner = "other" if is_other else ""
            yield owner

    def words_of_line(self, number: int) -> Words:
        """Return the words of a line in the letter, by the line's number."""
        return self._line_words[number]

    def find_blocks(self, anchor: Words) -> Iterator[range]:
        """Yield ranges of adjacent `own` lines that contain the anchor's words.

        A greeting at the end is not included.
        """
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
        """Return whether the searched person's name is above a block."""
        return any(
            _contains_words(line, self._person_words.name_words)
            for line in self._line_words[: block.start]
        )

    def is_complete(self, block: range) -> bool:
        """Return whether a block of lines is exactly the complete address."""
        block_words = self._line_words[block.start : block.stop]
        if any(
            block_words.count(line) > self._person_words.count_cells(line) for line in block_words
        ):
            return False  # a line occurs twice, and one of them does not belong to the address
        begins = self._is_paragraph(block) or self._may_begin_below(block.start - 1)
        return begins and self.has_clear_end(block)

    def has_clear_end(self, block: range) -> bool:
        """Return whether the lines of a block end as an address does.

        No other line of the address may be next to it.
        """
        ends = self._is_paragraph(block) or self._may_end_above(block.stop)
        return ends and self._is_isolated(block)

    def _is_paragraph(self, block: range) -> bool:
        """Return whether a block of lines is one paragraph with line breaks."""
        edges = self._paragraph_edges.intersection(range(block.start, block.stop + 1))
        return edges == {block.start, block.stop}

    def _may_begin_below(self, number: int) -> bool:
        """Return whether an address may begin below a line; -1 is the top."""
        if number < 0 or not self.lines[number] or self._owners[number] == "other":
            return True
        return self.lines[number].endswith(_COLONS) or bool(_DATE.search(self.lines[number]))

    def _may_end_above(self, number: int) -> bool:
        """Return whether an address may end above a line, or at the bottom."""
        if number == len(self.lines) or not self.lines[number]:
            return True
        return bool(_DATE.search(self.lines[number])) or self._may_be_greeting(number)

    def _is_isolated(self, block: range) -> bool:
        """Return whether no other `own` line is above or below a block.

        Blank lines do not count, nor does anything below a greeting. But a greeting without a blank
        line above it may be an edited line of the address. Then the next line must be neither an
        `own` line nor a second greeting.
        """
        filled = [n for n, line in enumerate(self.lines) if line]
        near = [n for n in filled if n < block.start][-1:]
        below, after_next, *_ = [*(n for n in filled if n >= block.stop), None, None]
        if below is not None and not self._may_be_greeting(below):
            near.append(below)
        elif below == block.stop and after_next is not None:
            if self._may_be_greeting(after_next) and not self.lines[after_next].endswith(_COLONS):
                return False
            near.append(after_next)
        return not any(self._owners[n] == "own" for n in near)

    def _may_be_greeting(self, number: int) -> bool:
        """Return whether a line of the letter may be the greeting.

        Examples are `Your Excellency,` and `Dear Minister`.
        """
        return self._ends_like_greeting(number) or self._person_words.end_with_name(
            self._line_words[number]
        )

    def _ends_like_greeting(self, number: int) -> bool:
        return self.lines[number].endswith(_GREETING_ENDS)
