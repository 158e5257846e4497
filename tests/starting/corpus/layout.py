"""The layout of a letter: its blocks and their containers.

Blocks of an appeal: `header` and `footer` (of every page), `first-header` (of the first page),
`footnotes`, `list`, `bilingual` and `table` (cells with ` || ` between them). Others, such as
`sender`, `address`, `opening`, `text`, `closing` and `signature`, may have any name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Literal

from starting.corpus.slips import BlockParagraph, Slip, with_slips
from starting.corpus.truth import Appeal, Piece, Pieces, Row

Container = Literal["paragraphs", "breaks", "cell", "rows", "frame", "box", "control", "fields"]
"""The surroundings of a block.

1. `breaks`: one paragraph with line breaks
2. `cell`: a cell of a table without borders; `rows`: a table with a row for each line
3. `frame`: a frame of older versions of Word; `box`: a text box
4. `control`: a content control around the block; `fields`: one in each paragraph
"""
Writer = Literal["word", "word2007", "libreoffice", "google"]
"""The program that saved the letter."""
Numbering = Literal["automatic", "dashes", "bullets", "numbers"]
"""The signs of a list: those of Word, or typed ones."""

OBJECT = "\N{OBJECT REPLACEMENT CHARACTER}"
PARTS = ("header", "first-header", "footer", "footnotes")
"""Blocks outside the body."""
BESIDE = ("sender", "letterhead")
"""Blocks that share a table with the address, if both are in cells."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a letter looks in Word. It has no influence on its words.

    `spaced` are blocks in which a blank paragraph follows each line, and `gap` is the number of
    blank paragraphs between two blocks. `envelope` adds an envelope, as Word does.
    """

    containers: Mapping[str, Container] = field(default_factory=dict)
    writer: Writer = "word"
    spaced: tuple[str, ...] = ()
    gap: int = 1
    numbering: Numbering = "automatic"
    envelope: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph with its pieces, and the block of the appeal that it is in."""

    pieces: Pieces = ()
    block: str = ""
    style: str = ""
    is_numbered: bool = False
    is_framed: bool = False
    is_control: bool = False
    ends_section: bool = False

    @property
    def text(self) -> str:
        """The text of the paragraph as a reader sees it."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Table:
    """A table: rows of cells, each with its content."""

    rows: tuple[tuple[Nodes, ...], ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A text box, anchored in a paragraph of its own."""

    nodes: Nodes


@dataclass(frozen=True, slots=True)
class Control:
    """A content control around paragraphs."""

    nodes: Nodes
    name: str


Node = Paragraph | Table | Box | Control
Nodes = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """The parts of a letter, each with its content."""

    body: Nodes
    parts: Mapping[str, Nodes]

    def paragraphs(self) -> tuple[Paragraph, ...]:
        """Return all paragraphs in reading order: headers, body, notes, footers."""
        order = (*(self.parts.get(name, ()) for name in PARTS[:2]), self.body)
        notes, footer = self.parts.get("footnotes", ()), self.parts.get("footer", ())
        return tuple(paragraph for nodes in (*order, notes, footer) for paragraph in _walk(nodes))


def _walk(nodes: Nodes) -> Iterator[Paragraph]:
    for node in nodes:
        match node:
            case Paragraph():
                yield node
            case Table(rows):
                for row in rows:
                    for cell in row:
                        yield from _walk(cell)
            case Box(inner):
                yield Paragraph((Piece(OBJECT),))
                yield from _walk(inner)
            case Control(inner):
                yield from _walk(inner)


def lay_out(
    appeal: Appeal, row: Row, shape: Shape, slips: Sequence[Slip] = (), letter: int = 0
) -> Layout:
    """Return the layout of an appeal's letter for one row of values."""
    filled = [
        (number, pieces)
        for number, (_, lines) in enumerate(appeal.blocks)
        for line in lines
        for pieces in line.fill(row)
    ]
    blocks = [
        (appeal.blocks[number][0], [pieces for _, pieces in group])
        for number, group in groupby(with_slips(filled, slips, letter), _block_number)
    ]
    parts = {name: _part(name, paragraphs) for name, paragraphs in blocks if name in PARTS}
    body = [(name, paragraphs) for name, paragraphs in blocks if name not in PARTS]
    envelope = _envelope(dict(body)) if shape.envelope else ()
    return Layout((*envelope, *_body(body, shape)), parts)


def _block_number(paragraph: BlockParagraph) -> int:
    return paragraph[0]


def _part(name: str, paragraphs: Iterable[Pieces]) -> Nodes:
    if name == "footnotes":
        notes = (Paragraph((Piece(" "), *pieces), name, "FootnoteText") for pieces in paragraphs)
        return (Paragraph(), Paragraph(), *notes)
    style = "Footer" if name == "footer" else "Header"
    return tuple(Paragraph(pieces, name, style) for pieces in paragraphs)


def _envelope(blocks: Mapping[str, Sequence[Pieces]]) -> Nodes:
    """Return the section that Word adds for an envelope."""
    sender = (Paragraph(pieces, "sender", "EnvelopeReturn") for pieces in blocks.get("sender", ()))
    address = (
        Paragraph(pieces, "address", "EnvelopeAddress", is_framed=True)
        for pieces in blocks["address"]
    )
    return (*sender, *address, Paragraph(ends_section=True))


def _body(blocks: Sequence[tuple[str, Sequence[Pieces]]], shape: Shape) -> Iterator[Node]:
    in_cells = [name for name, _ in blocks if shape.containers.get(name) == "cell"]
    beside = next((name for name in in_cells if name in BESIDE and "address" in in_cells), "")
    other = [_block(name, paragraphs, shape) for name, paragraphs in blocks if name == beside]
    for name, paragraphs in blocks:
        nodes = _block(name, paragraphs, shape)
        if name in in_cells and name != beside:
            yield Table(((nodes, *other),) if name == "address" else ((nodes,),))
            yield Paragraph()
        elif name != beside:
            yield from _contained(name, nodes, shape.containers.get(name, "paragraphs"))
            yield from [Paragraph()] * shape.gap


def _contained(name: str, nodes: Nodes, container: Container) -> Iterator[Node]:
    match container:
        case "rows":
            yield Table(tuple(((node,),) for node in nodes))
            yield Paragraph()
        case "box":
            yield Box(nodes)
        case "control":
            yield Control(nodes, name)
        case _:
            yield from nodes


def _block(name: str, paragraphs: Sequence[Pieces], shape: Shape) -> Nodes:
    container = shape.containers.get(name, "paragraphs")
    if name in ("bilingual", "table"):
        return (Table(tuple(_cells(name, pieces) for pieces in paragraphs)), Paragraph())
    if name == "list":
        return tuple(_list_item(n, pieces, shape) for n, pieces in enumerate(paragraphs, 1))
    if container == "breaks":
        return (Paragraph(_joined(paragraphs), name),)
    nodes = [
        Paragraph(pieces, name, is_framed=container == "frame", is_control=container == "fields")
        for pieces in paragraphs
    ]
    if name in shape.spaced:
        nodes = [node for line in nodes for node in (line, replace(line, pieces=()))]
    return tuple(nodes)


_SIGNS = {"dashes": "- ", "bullets": "•\t"}


def _list_item(number: int, pieces: Pieces, shape: Shape) -> Paragraph:
    if shape.numbering == "automatic":
        return Paragraph(pieces, "list", "ListParagraph", is_numbered=True)
    return Paragraph((Piece(_SIGNS.get(shape.numbering, f"{number}. ")), *pieces), "list")


def _joined(paragraphs: Sequence[Pieces]) -> Pieces:
    first, *rest = paragraphs
    return (*first, *(piece for pieces in rest for piece in (Piece("\n"), *pieces)))


def _cells(name: str, pieces: Pieces) -> tuple[Nodes, ...]:
    """Return the cells of a row, from pieces with ` || ` between them."""
    cells: list[list[Piece]] = [[]]
    for piece in pieces:
        first, *rest = piece.text.split(" || ")
        cells[-1].append(replace(piece, text=first))
        cells += [[replace(piece, text=text)] for text in rest]
    return tuple((Paragraph(tuple(filter(_has_content, cell)), name),) for cell in cells)


def _has_content(piece: Piece) -> bool:
    return bool(piece.text or piece.mark)
