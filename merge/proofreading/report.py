"""The report to sign off before printing, an Excel workbook: what was read, found and changed."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from html import escape
from itertools import islice
from typing import NamedTuple

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.rel import Relationships
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles.colors import Color
from openpyxl.worksheet.worksheet import Worksheet

from merge.excel.lists import (
    CHECKED,
    ERROR,
    FIELD,
    FONT,
    HEADING,
    PLAIN,
    TITLE,
    WARNING,
    ListRowWriter,
    clean_cell_text,
    finish_list,
    list_sheet,
    new_list_workbook,
    set_up_page,
    write_cell,
)
from merge.excel.rewriting import open_sheet_rows, open_zip, write_other_parts
from merge.naming import format_count
from merge.ooxml import XMLNS_W
from merge.ooxml.new_docx import table_grid
from merge.ooxml.wordml import element_markup, remove
from merge.people import People, SheetKind
from merge.problems import Problem
from merge.proofreading.differences import ChangeKind, ParagraphChange
from merge.proofreading.letter_problems import letter_place
from merge.proofreading.proof_blocks import ProofBlock
from merge.proofreading.review import ReviewedLetter, Verdict
from merge.workbook.index import CONTROL_PLACEHOLDERS

_CHANGE_FONTS = {
    "same": InlineFont(FONT, sz=10),
    "gone": InlineFont(FONT, sz=10, strike=True, color=Color("FFB00020")),
    "new": InlineFont(FONT, sz=10, b=True, color=Color("FF1B5E20")),
}


def make_report(
    reads: Iterable[ReviewedLetter], people: tuple[People, People], general: Sequence[Problem] = ()
) -> bytes:
    """Return the .xlsx: sheets for letters, differences, what the columns gave, and signatures.

    `people` are those of `proofread`; `general` are doubts that concern no single letter. Letters
    to look at stand first. No cell is a formula.
    """
    every = sorted(reads, key=_urgency)
    book = new_list_workbook()
    letters = list_sheet(book, "Letters", _LETTER_COLUMNS)
    _write_differences(book, every)
    _write_columns(book, every, people)
    _write_sign_off(book.create_sheet("Sign-off"), every, general)
    made = io.BytesIO()
    with open_zip(made) as archive:
        rows = ListRowWriter(letters, len(every) + 1)
        with open_sheet_rows(archive, letters, 1, letters[1]) as out:
            made_of = (
                rows.row_markup(n, _letter_cells(read, general)) for n, read in enumerate(every, 2)
            )
            while some := "".join(islice(made_of, _ROWS_PER_WRITE)):
                out.write(some.encode())
        write_other_parts(book, archive)
    return made.getvalue()


def _urgency(read: ReviewedLetter) -> int:
    levels = {doubt.level for doubt in read.problems}
    return 0 if "error" in levels else 1 if levels else 2


_ROWS_PER_WRITE = 500
"""Rows that are written at once."""

_VERDICT_STYLES = (ERROR, WARNING, CHECKED)
_VERDICT_LABELS: Mapping[Verdict, str] = {"right": "no problems", "look": "needs review"}


_NO_OWN_PROBLEMS = "no problems of its own; something is wrong in all letters: see Sign-off"


_LETTER_COLUMNS = {"Signer": 26, "Recipient": 30, "File": 38, "Verdict": 14, "What": 75}


def _letter_cells(read: ReviewedLetter, general: Sequence[Problem]) -> list[tuple[str, str]]:
    """Return the cells of a letter's row, each with its style."""
    pair = read.letter.pair
    said = "\n".join(f"• {_problem_text(doubt)}" for doubt in read.problems)
    verdict = _VERDICT_LABELS["look" if general else read.verdict]
    look = _VERDICT_STYLES[min(_urgency(read), 1 if general else 2)]
    plain = (pair.signer.label, pair.recipient.label, letter_place(read.letter).file)
    said = said or (_NO_OWN_PROBLEMS if general else "")
    return [*((text, PLAIN) for text in plain), (verdict, look), (said, PLAIN)]


def _problem_text(problem: Problem) -> str:
    """Return a doubt without its file, which has a column of its own."""
    place = problem.place
    if place.sheet:
        return f"{place.sheet}!{place.cell}: {problem.what} {problem.hint}"
    where = str(place).removeprefix(f"{place.file}, ") if place.paragraph else ""
    return f"{where}: {problem.what} {problem.hint}" if where else f"{problem.what} {problem.hint}"


def _write_differences(book: Workbook, reads: Sequence[ReviewedLetter]) -> None:
    headings = {"File": 38, "Where": 20, "As created": 55, "As it is now": 55}
    sheet = list_sheet(book, "Differences", headings)
    changed = ((read, change) for read in reads for change in read.changes)
    row = 1
    for row, (read, change) in enumerate(changed, 2):
        write_cell(sheet, row, 1, letter_place(read.letter).file)
        where = f"paragraph {change.number}" if change.number else "removed"
        write_cell(sheet, row, 2, f"{change.part}, {where}")
        write_cell(sheet, row, 3, _coloured_words(change, "gone"))
        write_cell(sheet, row, 4, _coloured_words(change, "new"))
    if row == 1:
        write_cell(sheet, 2, 1, "No differences")
    finish_list(sheet)


def _coloured_words(change: ParagraphChange, shown: ChangeKind) -> CellRichText:
    """Return one side of a change, the words that differ marked."""
    words = [
        (sign, text) for sign, text in change.word_changes() if text and sign in {"same", shown}
    ]
    return CellRichText(
        *(TextBlock(_CHANGE_FONTS[sign], clean_cell_text(text)) for sign, text in words)
    )


def _write_columns(
    book: Workbook, reads: Sequence[ReviewedLetter], people: tuple[People, People]
) -> None:
    """Write how many letters show each column: one at 0 may be mixed up in the template."""
    counts = {"Letters with its values": 20, "Letters read": 16}
    sheet = list_sheet(book, "Columns", {"Sheet": 16, "Column": 26, **counts}, numbers=counts)
    shown = Counter(column for read in reads for column in read.shown_columns)
    by_cell = {(s.kind, c.number): (s, c) for s in people for c in s.columns}
    columns = ((s, c) for s, c in by_cell.values() if c.placeholder not in CONTROL_PLACEHOLDERS)
    for row, (own, column) in enumerate(columns, 2):
        write_cell(sheet, row, 1, own.sheet)
        write_cell(sheet, row, 2, column.heading)
        write_cell(sheet, row, 3, shown[own.kind, column.placeholder])
        write_cell(sheet, row, 4, len(reads))
    finish_list(sheet)


def _write_sign_off(
    sheet: Worksheet, reads: Sequence[ReviewedLetter], general: Sequence[Problem]
) -> None:
    set_up_page(sheet, [52, 30, 16, 36])
    write_cell(sheet, 1, 1, "Proofreading: sign-off before printing", TITLE)
    row = 3
    for problem in general:
        write_cell(sheet, row, 1, str(problem), WARNING)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=4)
        sheet.row_dimensions[row].height = 32
        row += 1
    for what, count in _summary_counts(reads, general):
        write_cell(sheet, row, 1, what)
        write_cell(sheet, row, 2, count)
        row += 1
    row += 1
    for column, heading in enumerate(("What was done", "Name", "Date", "Signature"), 1):
        write_cell(sheet, row, column, heading, HEADING)
    for number, duty in enumerate(_SIGN_OFF_STEPS, row + 1):
        sheet.row_dimensions[number].height = 34
        for column in range(1, 5):
            write_cell(sheet, number, column, duty if column == 1 else "", FIELD)


def _summary_counts(
    reads: Sequence[ReviewedLetter], general: Sequence[Problem]
) -> Iterator[tuple[str, int]]:
    urgent = Counter(map(_urgency, reads))
    blocks = Counter(kind for kind, _ in {(b.kind, b.text) for r in reads for b in r.proof_blocks})
    yield "Letters read", len(reads)
    yield (
        "no problems, except for what is in all letters" if general else "no problems",
        urgent[2],
    )
    yield "needs review", urgent[1]
    yield "must not be printed as is", urgent[0]
    yield "Letters that differ from newly created ones", sum(1 for read in reads if read.changes)
    yield "Distinct addresses with salutations, in the proof document", blocks["recipient"]
    yield "Distinct signature blocks, in the proof document", blocks["signer"]


_SIGN_OFF_STEPS = (
    "Every letter with the verdict “needs review” was checked (Letters sheet).",
    "Every difference was read (Differences sheet).",
    "Every address and salutation was read (proof document).",
    "Every signature block was read (proof document).",
    "The letters can be printed.",
)


# The proof document: each distinct block of the letters once, as it is printed, to be read.
#
# A Word file on A4, with a box to tick for each block.

_COLUMN_WIDTHS = (900, 5522, 3500)
"""Twips: number and box, the block, whose it is; 175 mm in all."""

_FORMAT_RELATIONSHIPS = {
    "styles",
    "stylesWithEffects",
    "theme",
    "fontTable",
    "settings",
    "numbering",
}
"""The relationships of a letter that say how it looks. Nothing of what it says comes along."""

_REMOVED_SETTINGS = ("footnotePr", "endnotePr", "evenAndOddHeaders", "mirrorMargins")
"""Settings that need parts which are gone, or a page that is not this one."""

_BLOCK_TITLES: tuple[tuple[SheetKind, str], ...] = (
    ("recipient", "Addresses and salutations"),
    ("signer", "Signature blocks"),
)
_INSTRUCTIONS = (
    "Each block is here once, as it is in the letters. Read it word by word and tick its box. If "
    "something is wrong, correct the workbook, or the letter if it was edited, and proofread again."
)
_SIGNATURE_LINE = (
    "Read by: ____________________    Date: ____________    Signature: ____________________"
)
_MAX_NAMED_FILES = 8
"""Files that are named where letters have no block."""


@dataclass(slots=True)
class _ListedBlock:
    """A block, in how many letters it stands, the file of the first, and whose it is."""

    block: ProofBlock
    file: str
    letters: int = 0
    people: dict[str, None] = field(default_factory=dict)


def make_proof_document(reads: Iterable[ReviewedLetter], like: bytes) -> bytes:
    """Return the .docx. `like` is a letter as the program makes it: blocks look as its styles say.

    Blocks are told apart by their text. Words, line breaks, fonts, sizes and direction are those
    of the letter; its indents, frames and spaces between lines are not.
    """
    every = list(reads)
    seen = _list_blocks(every)
    document = Document(io.BytesIO(like))
    _clear_document(document)
    footer = document.sections[0].footer.paragraphs[0]
    footer._p.getparent().replace(footer._p, parse_xml(_page_number()))  # noqa: SLF001
    section = element_markup(document.element.body[-1])
    body = f"<w:body>{''.join(_document_content(seen, every))}{section}</w:body>"
    # moving so many rows from tree to tree would take longer than all the rest
    document.part._element = parse_xml(f"<w:document {XMLNS_W}>{body}</w:document>")  # noqa: SLF001
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _list_blocks(reads: Sequence[ReviewedLetter]) -> list[_ListedBlock]:
    """Return each block once, in the order in which people stand in the workbook."""
    found: dict[tuple[SheetKind, str], _ListedBlock] = {}
    for read in reads:
        pair = read.letter.pair
        for block in read.proof_blocks:
            new = _ListedBlock(block, letter_place(read.letter).file)
            seen = found.setdefault((block.kind, block.text), new)
            seen.letters += 1
            person = pair.signer if block.kind == "signer" else pair.recipient
            seen.people[person.label] = None
    return sorted(found.values(), key=lambda seen: seen.block.person.sort_key)


def _clear_document(document: WordDocument) -> None:
    """Take out everything but how the letter looks."""
    part, root = document.part, document.element
    _drop_relationships(part.rels, _FORMAT_RELATIONSHIPS)
    _drop_relationships(part.package.rels, {"officeDocument"})
    settings = document.settings.element
    for element in (
        *(child for child in root if child is not root.body),
        *root.body,
        *(e for name in _REMOVED_SETTINGS for e in settings.findall(qn(f"w:{name}"))),
    ):
        remove(element)
    root.body.append(parse_xml(_SECTION_XML))


def _drop_relationships(relationships: Relationships, kept: AbstractSet[str]) -> None:
    """Leave the relationships of these kinds; a part that none leads to is not saved."""
    for name, relation in list(relationships.items()):
        if relation.reltype.rpartition("/")[2] not in kept:
            del relationships[name]


def _document_content(
    seen: Sequence[_ListedBlock], reads: Sequence[ReviewedLetter]
) -> Iterator[str]:
    by_kind = {kind: [one for one in seen if one.block.kind == kind] for kind, _ in _BLOCK_TITLES}
    listed = " and ".join(
        f"{len(by_kind[kind]):,} {title.lower()}" for kind, title in _BLOCK_TITLES
    )
    yield _proof_paragraph("Proof of the letters", "title")
    yield _proof_paragraph(
        f"{format_count(len(reads), 'letter')}: {listed}. {_INSTRUCTIONS}", "text"
    )
    yield _proof_paragraph(_SIGNATURE_LINE, "text")
    for kind, title in _BLOCK_TITLES:
        yield _proof_paragraph(f"{title} ({len(by_kind[kind]):,})", "heading")
        if by_kind[kind]:
            cells = [_block_cells(*numbered) for numbered in enumerate(by_kind[kind], 1)]
            yield _proof_table(_COLUMN_WIDTHS, cells)
        yield from _letters_without_block(kind, reads)


def _letters_without_block(kind: SheetKind, reads: Sequence[ReviewedLetter]) -> Iterator[str]:
    """Yield the files without such a block, which must be read themselves."""
    files = [
        letter_place(read.letter).file
        for read in reads
        if all(block.kind != kind for block in read.proof_blocks)
    ]
    if files:
        some = ", ".join(files[:_MAX_NAMED_FILES]) + (" …" if len(files) > _MAX_NAMED_FILES else "")
        count = format_count(len(files), "letter")
        what = f"{count} without such a block, which must be read in full: {some}"
        yield _proof_paragraph(what, "warning")


def _block_cells(number: int, seen: _ListedBlock) -> tuple[str, str, str]:
    """Return the cells of a block's row."""
    first, *others = seen.people
    whose = f"{first} and {len(others):,} more" if others else first
    where = f"in {format_count(seen.letters, 'letter')}: {seen.file}"
    more = " …" if seen.letters > 1 else ""
    box = _proof_paragraph("☐", "box") + _proof_paragraph(f"{number:,}", "small")
    return (
        box,
        seen.block.xml,
        _proof_paragraph(whose, "whose") + _proof_paragraph(where + more, "small"),
    )


# The XML of the proof document's own words, which owe nothing to the letter's styles.
#
# ECMA-376 part 1, 17.3.1 and 17.3.2 (paragraphs and runs), 17.4 (tables), 17.6 (sections).


_SECTION_XML = (
    f'<w:sectPr {XMLNS_W}><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="992" '
    'w:bottom="1134" w:left="992" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
)
"""A4, upright; 175 mm for text."""


class _ProofFormat(NamedTuple):
    """Type in half points, spaces before and after in twips, a colour."""

    size: int
    before: int = 0
    after: int = 0
    colour: str = "263238"
    bold: bool = False
    font: str = "Arial"


_PROOF_FORMATS = {
    "title": _ProofFormat(40, after=120, bold=True),
    "heading": _ProofFormat(28, before=360, after=120, bold=True),
    "text": _ProofFormat(20, after=160),
    "warning": _ProofFormat(20, before=160, colour="8B0000"),
    "whose": _ProofFormat(18, after=40, bold=True),
    "small": _ProofFormat(16, colour="6B6B6B"),
    "box": _ProofFormat(36, font="Segoe UI Symbol"),
}


def _proof_paragraph(text: str, look: str) -> str:
    """A paragraph of one look, left to right; text in Arabic or Hebrew runs its own way in it."""
    return _proof_paragraph_xml(
        f"<w:t>{escape(text, quote=False)}</w:t>", _PROOF_FORMATS[look], "left"
    )


def _page_number() -> str:
    """The paragraph of a footer with the page's number and how many there are."""
    page, pages = (f'<w:fldSimple w:instr="{code}">' for code in ("PAGE", "NUMPAGES"))
    look = _PROOF_FORMATS["small"]
    inner = f"{_run('<w:t>1</w:t>', look)}</w:fldSimple>"
    parts = f"{page}{inner}{_run(_SLASH_XML, look)}{pages}{inner}"
    return f"<w:p {XMLNS_W}>{_paragraph_properties(look, 'right')}{parts}</w:p>"


_SLASH_XML = '<w:t xml:space="preserve"> / </w:t>'


def _proof_paragraph_xml(content: str, look: _ProofFormat, side: str) -> str:
    return f"<w:p {XMLNS_W}>{_paragraph_properties(look, side)}{_run(content, look)}</w:p>"


def _paragraph_properties(look: _ProofFormat, side: str) -> str:
    keep = "<w:keepNext/>" if look == _PROOF_FORMATS["heading"] else ""
    return (
        f'<w:pPr>{keep}<w:bidi w:val="0"/><w:spacing w:before="{look.before}" '
        f'w:after="{look.after}" w:line="252" w:lineRule="auto"/>'
        f'<w:ind w:left="0" w:right="0" w:firstLine="0"/><w:jc w:val="{side}"/></w:pPr>'
    )


def _run(content: str, look: _ProofFormat) -> str:
    font, bold = look.font, int(look.bold)
    return (
        f'<w:r><w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}" '
        f'w:cs="{font}"/><w:b w:val="{bold}"/><w:bCs w:val="{bold}"/><w:i w:val="0"/>'
        f'<w:color w:val="{look.colour}"/><w:sz w:val="{look.size}"/><w:szCs w:val="{look.size}"/>'
        f"</w:rPr>{content}</w:r>"
    )


def _proof_table(widths: Sequence[int], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells' XML, lines between its rows; no row runs over two pages.

    Widths are in twips.
    """
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="BFBFBF"/>'
        for side in ("top", "bottom", "insideH")
    )
    room = "".join(
        f'<w:{side} w:w="100" w:type="dxa"/>' for side in ("top", "left", "bottom", "right")
    )
    return (
        f'<w:tbl {XMLNS_W}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f"<w:tblBorders>{lines}</w:tblBorders>"
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{room}</w:tblCellMar></w:tblPr>'
        f"{table_grid(widths)}{''.join(_table_row(widths, row) for row in rows)}</w:tbl>"
    )


def _table_row(widths: Sequence[int], cells: Sequence[str]) -> str:
    made = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{cell}</w:tc>'
        for width, cell in zip(widths, cells, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{made}</w:tr>"
