"""The proof document: each distinct block of the letters once, as it is printed, to be read.

A Word file on A4, with a box to tick for each block.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.rel import Relationships
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from merge.model import Kind
from merge.ooxml.blank import SECTION, page_number, paragraph_xml, table
from merge.proofreading.blocks import Block
from merge.proofreading.reading import Read
from merge.proofreading.whose import place_of

_WIDTHS = (900, 5522, 3500)
"""Twips: number and box, the block, whose it is; 175 mm in all."""

_KEPT = {"styles", "stylesWithEffects", "theme", "fontTable", "settings", "numbering"}
"""The relationships of a letter that say how it looks. Nothing of what it says comes along."""

_NOT_FOR_PROOFS = ("footnotePr", "endnotePr", "evenAndOddHeaders", "mirrorMargins")
"""Settings that need parts which are gone, or a page that is not this one."""

_TITLES: tuple[tuple[Kind, str], ...] = (
    ("recipient", "Addresses and salutations"),
    ("signer", "Signature blocks"),
)
_HOW = (
    "Each block stands here once, as the letters print it. Read it word by word and tick its box. "
    "If something is wrong, correct the workbook, or the letter where it was edited by hand, and "
    "proofread again."
)
_SIGNED = "Read by: ____________________    Date: ____________    Signature: ____________________"
_MOST_NAMED = 8
"""Files that are named where letters have no block."""


@dataclass(slots=True)
class _Seen:
    """A block, in how many letters it stands, the file of the first, and whose it is."""

    block: Block
    file: str
    letters: int = 0
    people: dict[str, None] = field(default_factory=dict)


def proof_document(reads: Iterable[Read], like: bytes) -> bytes:
    """The .docx. `like` is a letter as the program makes it: blocks look as its styles say.

    Blocks are told apart by their text. Words, line breaks, fonts, sizes and direction are those
    of the letter; its indents, frames and spaces between lines are not.
    """
    every = list(reads)
    seen = _gathered(every)
    document = Document(io.BytesIO(like))
    _empty(document)
    body = document.element.body
    section = body[-1]
    for element in _content(seen, every):
        section.addprevious(element)
    footer = document.sections[0].footer.paragraphs[0]
    footer._p.getparent().replace(footer._p, parse_xml(page_number()))  # noqa: SLF001
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _gathered(reads: Sequence[Read]) -> list[_Seen]:
    """Each block once, in the order in which people stand in the workbook."""
    found: dict[tuple[Kind, str], _Seen] = {}
    for read in reads:
        for block in read.blocks:
            new = _Seen(block, place_of(read.letter).file)
            seen = found.setdefault((block.kind, block.text), new)
            seen.letters += 1
            pair = read.letter.pair
            whose = pair.signer if block.kind == "signer" else pair.recipient
            seen.people[whose.label] = None
    return sorted(found.values(), key=lambda seen: seen.block.person.row)


def _empty(document: WordDocument) -> None:
    """Take out everything but how the letter looks."""
    part, root = document.part, document.element
    _forget(part.rels, _KEPT)
    _forget(part.package.rels, {"officeDocument"})
    _remove([child for child in root if child is not root.body])
    _remove(list(root.body))
    root.body.append(parse_xml(SECTION))
    settings = document.settings.element
    _remove([e for name in _NOT_FOR_PROOFS for e in settings.findall(qn(f"w:{name}"))])


def _forget(relations: Relationships, kept: AbstractSet[str]) -> None:
    """Leave the relationships of these kinds; a part that none leads to is not saved."""
    for name, relation in list(relations.items()):
        if relation.reltype.rpartition("/")[2] not in kept:
            del relations[name]


def _remove(elements: Iterable[BaseOxmlElement]) -> None:
    for element in elements:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)


def _content(seen: Sequence[_Seen], reads: Sequence[Read]) -> Iterator[BaseOxmlElement]:
    by_kind = {kind: [one for one in seen if one.block.kind == kind] for kind, _ in _TITLES}
    listed = " and ".join(f"{len(by_kind[kind]):,} {title.lower()}" for kind, title in _TITLES)
    yield parse_xml(paragraph_xml("Proof of the letters", "title"))
    yield parse_xml(paragraph_xml(f"{_counted(len(reads), 'letter')}: {listed}. {_HOW}", "text"))
    yield parse_xml(paragraph_xml(_SIGNED, "text"))
    for kind, title in _TITLES:
        yield parse_xml(paragraph_xml(f"{title} ({len(by_kind[kind]):,})", "heading"))
        if by_kind[kind]:
            yield _table(by_kind[kind])
        yield from _without(kind, reads)


def _without(kind: Kind, reads: Sequence[Read]) -> Iterator[BaseOxmlElement]:
    """What is not in this document must be read in the letters themselves."""
    files = [
        place_of(read.letter).file
        for read in reads
        if all(block.kind != kind for block in read.blocks)
    ]
    if files:
        some = ", ".join(files[:_MOST_NAMED]) + (" …" if len(files) > _MOST_NAMED else "")
        what = f"{_counted(len(files), 'letter')} without such a block, to be read whole: {some}"
        yield parse_xml(paragraph_xml(what, "warning"))


def _table(seen: Sequence[_Seen]) -> BaseOxmlElement:
    made = parse_xml(table(_WIDTHS, [_cells(*numbered) for numbered in enumerate(seen, 1)]))
    for row, one in zip(made.findall(qn("w:tr")), seen, strict=True):
        cell = row.findall(qn("w:tc"))[1]
        for own in list(parse_xml(one.block.xml)):
            cell.append(own)
    return made


def _cells(number: int, seen: _Seen) -> tuple[str, str, str]:
    """The cells of a block's row; that of the block itself is still empty."""
    first, *others = seen.people
    whose = f"{first} and {len(others):,} more" if others else first
    where = f"in {_counted(seen.letters, 'letter')}: {seen.file}"
    more = " …" if seen.letters > 1 else ""
    box = paragraph_xml("☐", "box") + paragraph_xml(f"{number:,}", "small")
    return box, "", paragraph_xml(whose, "whose") + paragraph_xml(where + more, "small")


def _counted(count: int, noun: str) -> str:
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"
