"""Appeals as marked-up text, the truth from which letters are made.

An appeal is a file in `appeals/` or its folders, by a person who knows which words belong to whom:

    language: en
    title: Release Mirela Oduya

    [recipients]
    key | position | name
    heading | Position | Name
    1 | Minister of Justice | Dr Amara Lindqvist

    [signers]
    key | name
    heading | Name
    1 | Bo Berg

    [letter]
    @address
    {r.position}
    {r.name}

1. A row of a sheet begins with its number. A cell may have several lines, with ⏎ between them.
2. Below [letter], each line is a paragraph. `@address` begins a block: see `layout.py`.
3. `{r.name}` is a placeholder of the Recipients sheet, `{s.name}` of the Signers sheet, `{p.name}`
   of the Pairs sheet. `{r.name|upper}` is its value in capitals.
4. `{?r.country}` may be a placeholder or remain text: both are right.
5. A line of blank placeholders is not in the letter. `?` at its beginning: nor are its words.
   `*` repeats the line for each line of the cell.
6. `**bold**`, `~` for a no-break space, `⏎` for a line break, `→` for a tab.
7. `[[mailto:{r.email}|{r.email}]]` is a link, `[[date:3 March 2026]]` a DATE field, `[[page]]` a
   page number, `[[note]]` a mark of the next footnote. `[[day:3 March 2026]]` is a typed date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal

FOLDER = Path(__file__).parent / "appeals"

SHEETS = {"r": "Recipients", "s": "Signers", "p": "Pairs"}
"""Sheets by the letter that begins a placeholder."""

Mark = Literal["", "note", "date", "day", "page"]
Row = Mapping[str, str]
"""The values of one letter by placeholder: `r.name`."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of a paragraph: constant, or the value of a placeholder.

    `slip` is the kind of slip that staff made here in one of the letters.
    """

    text: str
    column: str = ""
    is_optional: bool = False
    filter: str = ""
    is_bold: bool = False
    link: str = ""
    mark: Mark = ""
    slip: str = ""


Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an appeal: pieces without values."""

    pieces: Pieces
    closes_up: bool = False
    repeats: bool = False

    def fill(self, row: Row) -> Iterator[Pieces]:
        """Yield the paragraphs that the line becomes in one letter."""
        columns = [piece for piece in self.pieces if piece.column]
        if self.repeats:
            for value in row[columns[0].column].split("\n"):
                yield _filled(self.pieces, {**row, columns[0].column: value})
            return
        is_blank = bool(columns) and not any(row[piece.column] for piece in columns)
        has_words = any(piece.text.strip() for piece in self.pieces)
        if not (is_blank and (self.closes_up or not has_words)):
            yield _filled(self.pieces, row)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The people of an appeal: headings by key, rows by number."""

    headings: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Row] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal: its people, and the blocks of its letter in order."""

    name: str
    language: str
    title: str
    sheets: Mapping[str, Sheet]
    blocks: tuple[tuple[str, tuple[Line, ...]], ...]

    def row(self, recipient: str, signer: str) -> Row:
        """Return the values of the letter of a signer and a recipient."""
        numbers = {"r": recipient, "s": signer, "p": f"{signer}-{recipient}"}
        return {
            f"{sheet}.{key}": value
            for sheet, number in numbers.items()
            for key, value in self.sheets[sheet].rows.get(number, {}).items()
        }

    @property
    def columns(self) -> tuple[str, ...]:
        """The placeholders of the letter, each once, in order."""
        return tuple(dict.fromkeys(piece.column for piece in self._pieces() if piece.column))

    def filters(self, column: str) -> set[str]:
        """Return the filters with which a placeholder is used."""
        return {piece.filter for piece in self._pieces() if piece.column == column}

    def _pieces(self) -> Iterator[Piece]:
        return (p for _, lines in self.blocks for line in lines for p in line.pieces)


_TOKENS = re.compile(r"(\[\[.*?\]\]|\*\*|\{[^}]*\})")
_SECTION = re.compile(r"^\[(\w+)\]\n", re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{(\??)([rsp]\.\w+)(?:\|(\w+))?\}")
_CHARACTERS = str.maketrans({"~": "\N{NO-BREAK SPACE}", "⏎": "\n", "→": "\t"})


def parse_pieces(text: str) -> Pieces:
    """Return the pieces of marked-up text."""
    pieces: list[Piece] = []
    is_bold = False
    for part in filter(None, _TOKENS.split(text)):
        if part == "**":
            is_bold = not is_bold
        elif part.startswith("[["):
            pieces += _special(part[2:-2])
        elif found := _PLACEHOLDER.fullmatch(part):
            optional, column, name = found.groups()
            pieces.append(Piece("", column, bool(optional), name or "", is_bold))
        else:
            pieces.append(Piece(part.translate(_CHARACTERS), is_bold=is_bold))
    return tuple(pieces)


def _special(text: str) -> Iterator[Piece]:
    kind, _, rest = text.partition(":")
    if kind in ("date", "day"):
        yield Piece(rest.translate(_CHARACTERS), mark="date" if kind == "date" else "day")
    elif kind == "page":
        yield Piece("#", mark="page")
    elif kind == "note":
        yield Piece("", mark="note")
    else:
        target, _, words = text.partition("|")
        yield from (replace(piece, link=target) for piece in parse_pieces(words))


def _filled(pieces: Pieces, row: Row) -> Pieces:
    return tuple(
        replace(
            piece,
            text=printed_value(row[piece.column], piece.filter) if piece.column else piece.text,
            link=_PLACEHOLDER.sub(lambda found: row[found[2]], piece.link),
        )
        for piece in pieces
    )


def printed_value(value: str, name: str) -> str:
    """Return a value as a placeholder with a filter prints it."""
    return value.upper() if name == "upper" else value


def _line(text: str) -> Line:
    sign = text[0] if text[0] in "?*" and not text.startswith("**") else ""
    return Line(parse_pieces(text.removeprefix(sign)), sign == "?", sign == "*")


@cache
def read_appeal(name: str) -> Appeal:
    """Return the appeal of a file in `appeals/`."""
    head, *sections = _SECTION.split((FOLDER / f"{name}.txt").read_text("utf-8"))
    facts = dict(line.split(": ", 1) for line in head.splitlines() if line)
    texts = dict(zip(sections[::2], sections[1::2], strict=True))
    sheets = {key: _sheet(texts.get(title.lower(), "")) for key, title in SHEETS.items()}
    blocks = tuple(_blocks(texts["letter"].splitlines()))
    return Appeal(name, facts["language"], facts["title"], sheets, blocks)


def _sheet(text: str) -> Sheet:
    rows = [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line]
    if not rows:
        return Sheet()
    keys, *rest = ((row[0], row[1:]) for row in rows)
    by_number = {
        number: {
            key: value.translate(_CHARACTERS) for key, value in zip(keys[1], cells, strict=True)
        }
        for number, cells in rest
    }
    return Sheet(by_number.pop("heading"), by_number)


def _blocks(lines: Sequence[str]) -> Iterator[tuple[str, tuple[Line, ...]]]:
    name = ""
    block: list[Line] = []
    for text in (*filter(None, lines), "@"):
        if text.startswith("@"):
            if block:
                yield name, tuple(block)
            name, block = text[1:], []
        else:
            block.append(_line(text))
