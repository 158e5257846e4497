"""The proofreading report (Excel), and the proof document (Word).

Staff sign off the report before printing. It has the number of letters, their problems and their
changes.
"""

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
from merge.ooxml.package_builder import document_bytes
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
    """Return the report, an .xlsx file.

    It has sheets for letters, differences, columns and the sign-off. `people` are those passed to
    `proofread`; `general` are problems that do not concern a single letter. Letters that need
    review come first. No cell has a formula.
    """
    letters_by_urgency = sorted(reads, key=_urgency)
    book = new_list_workbook()
    letters = list_sheet(book, "Letters", _LETTER_COLUMNS)
    _write_differences(book, letters_by_urgency)
    _write_columns(book, letters_by_urgency, people)
    _write_sign_off(book.create_sheet("Sign-off"), letters_by_urgency, general)
    output = io.BytesIO()
    with open_zip(output) as archive:
        rows = ListRowWriter(letters, len(letters_by_urgency) + 1)
        with open_sheet_rows(archive, letters, 1, letters[1]) as out:
            row_texts = (
                rows.row_markup(n, _letter_cells(read, general))
                for n, read in enumerate(letters_by_urgency, 2)
            )
            while chunk := "".join(islice(row_texts, _ROWS_PER_WRITE)):
                out.write(chunk.encode())
        write_other_parts(book, archive)
    return output.getvalue()


def _urgency(read: ReviewedLetter) -> int:
    levels = {doubt.level for doubt in read.problems}
    return 0 if "error" in levels else 1 if levels else 2


_ROWS_PER_WRITE = 500
"""Rows that are written together."""

_VERDICT_STYLES = (ERROR, WARNING, CHECKED)
_VERDICT_LABELS: Mapping[Verdict, str] = {"right": "no problems", "look": "needs review"}


_NO_OWN_PROBLEMS = "no problems of its own; something is wrong in all letters: see Sign-off"


_LETTER_COLUMNS = {"Signer": 26, "Recipient": 30, "File": 38, "Verdict": 14, "What": 75}


def _letter_cells(read: ReviewedLetter, general: Sequence[Problem]) -> list[tuple[str, str]]:
    """Return the cells of a letter's row in the report, each with its style."""
    pair = read.letter.pair
    problem_text = "\n".join(f"• {_problem_text(doubt)}" for doubt in read.problems)
    verdict = _VERDICT_LABELS["look" if general else read.verdict]
    style = _VERDICT_STYLES[min(_urgency(read), 1 if general else 2)]
    plain = (pair.signer.label, pair.recipient.label, letter_place(read.letter).file)
    problem_text = problem_text or (_NO_OWN_PROBLEMS if general else "")
    return [*((text, PLAIN) for text in plain), (verdict, style), (problem_text, PLAIN)]


def _problem_text(problem: Problem) -> str:
    """Return a problem as text, without the letter's file, which has a column."""
    place = problem.place
    if place.sheet:
        return f"{place}: {problem.what} {problem.hint}"
    paragraph = str(place).removeprefix(f"{place.file}, ") if place.paragraph else ""
    return (
        f"{paragraph}: {problem.what} {problem.hint}"
        if paragraph
        else f"{problem.what} {problem.hint}"
    )


def _write_differences(book: Workbook, reads: Sequence[ReviewedLetter]) -> None:
    headings = {"File": 38, "Where": 20, "As created": 55, "As it is now": 55}
    sheet = list_sheet(book, "Differences", headings)
    changed = ((read, change) for read in reads for change in read.changes)
    row = 1
    for row, (read, change) in enumerate(changed, 2):
        write_cell(sheet, row, 1, letter_place(read.letter).file)
        paragraph = f"paragraph {change.number}" if change.number else "removed"
        write_cell(sheet, row, 2, f"{change.part}, {paragraph}")
        write_cell(sheet, row, 3, _coloured_words(change, "gone"))
        write_cell(sheet, row, 4, _coloured_words(change, "new"))
    if row == 1:
        write_cell(sheet, 2, 1, "No differences")
    finish_list(sheet)


def _coloured_words(change: ParagraphChange, shown: ChangeKind) -> CellRichText:
    """Return one version of a paragraph, with different words highlighted."""
    words = [
        (kind, text) for kind, text in change.word_changes() if text and kind in {"same", shown}
    ]
    return CellRichText(
        *(TextBlock(_CHANGE_FONTS[kind], clean_cell_text(text)) for kind, text in words)
    )


def _write_columns(
    book: Workbook, reads: Sequence[ReviewedLetter], people: tuple[People, People]
) -> None:
    """Write the number of letters that show each column.

    A column at 0 may be mixed up in the template.
    """
    counts = {"Letters with its values": 20, "Letters read": 16}
    sheet = list_sheet(book, "Columns", {"Sheet": 16, "Column": 26, **counts}, numbers=counts)
    shown = Counter(column for read in reads for column in read.shown_columns)
    by_cell = {
        (people_sheet.kind, c.number): (people_sheet, c)
        for people_sheet in people
        for c in people_sheet.columns
    }
    columns = (
        (people_sheet, c)
        for people_sheet, c in by_cell.values()
        if c.placeholder not in CONTROL_PLACEHOLDERS
    )
    for row, (people_sheet, column) in enumerate(columns, 2):
        write_cell(sheet, row, 1, people_sheet.sheet)
        write_cell(sheet, row, 2, column.heading)
        write_cell(sheet, row, 3, shown[people_sheet.kind, column.placeholder])
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
    for label, count in _summary_counts(reads, general):
        write_cell(sheet, row, 1, label)
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


# The proof document: a Word file on A4 with each distinct block of the letters once, as it is
# printed. Each block has a box to tick.

_COLUMN_WIDTHS = (900, 5522, 3500)
"""Twips: number and box, the block, its person; 175 mm in all."""

_FORMAT_RELATIONSHIPS = {
    "styles",
    "stylesWithEffects",
    "theme",
    "fontTable",
    "settings",
    "numbering",
}
"""The relationships of a letter that define its format.

Nothing of its text is copied.
"""

_REMOVED_SETTINGS = ("footnotePr", "endnotePr", "evenAndOddHeaders", "mirrorMargins")
"""Settings that need removed parts, or another page size."""

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
"""Files that are named if letters have no block."""


@dataclass(slots=True)
class _ListedBlock:
    """A block, its number of letters, the file of the first, and its people."""

    block: ProofBlock
    file: str
    letters: int = 0
    people: dict[str, None] = field(default_factory=dict)


def make_proof_document(reads: Iterable[ReviewedLetter], like: bytes) -> bytes:
    """Return the proof document, a .docx file.

    `like` is a newly created letter, whose styles are used. Blocks are distinguished by their text.
    Words, line breaks, fonts, sizes and direction are those of the letters; indents, frames and
    spacing are not.
    """
    letters = list(reads)
    listed = _list_blocks(letters)
    document = Document(io.BytesIO(like))
    _clear_document(document)
    footer = document.sections[0].footer.paragraphs[0]
    footer._p.getparent().replace(footer._p, parse_xml(_page_number()))  # noqa: SLF001
    section = element_markup(document.element.body[-1])
    body = f"<w:body>{''.join(_document_content(listed, letters))}{section}</w:body>"
    # Moving so many rows from tree to tree would take longer than everything else.
    document.part._element = parse_xml(f"<w:document {XMLNS_W}>{body}</w:document>")  # noqa: SLF001
    return document_bytes(document)


def _list_blocks(reads: Sequence[ReviewedLetter]) -> list[_ListedBlock]:
    """Return each block once, in the order of people in the workbook."""
    listed: dict[tuple[SheetKind, str], _ListedBlock] = {}
    for read in reads:
        pair = read.letter.pair
        for block in read.proof_blocks:
            new_block = _ListedBlock(block, letter_place(read.letter).file)
            block_entry = listed.setdefault((block.kind, block.text), new_block)
            block_entry.letters += 1
            person = pair.signer if block.kind == "signer" else pair.recipient
            block_entry.people[person.label] = None
    return sorted(listed.values(), key=lambda block_entry: block_entry.block.person.sort_key)


def _clear_document(document: WordDocument) -> None:
    """Remove everything except the letter's format."""
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


def _drop_relationships(relationships: Relationships, kinds: AbstractSet[str]) -> None:
    """Remove all relationships except those of these kinds from a document."""
    for name, relation in list(relationships.items()):
        if relation.reltype.rpartition("/")[2] not in kinds:
            del relationships[name]


def _document_content(
    listed: Sequence[_ListedBlock], reads: Sequence[ReviewedLetter]
) -> Iterator[str]:
    by_kind = {
        kind: [entry for entry in listed if entry.block.kind == kind] for kind, _ in _BLOCK_TITLES
    }
    summary = " and ".join(
        f"{len(by_kind[kind]):,} {title.lower()}" for kind, title in _BLOCK_TITLES
    )
    yield _proof_paragraph("Proof of the letters", "title")
    yield _proof_paragraph(
        f"{format_count(len(reads), 'letter')}: {summary}. {_INSTRUCTIONS}", "text"
    )
    yield _proof_paragraph(_SIGNATURE_LINE, "text")
    for kind, title in _BLOCK_TITLES:
        yield _proof_paragraph(f"{title} ({len(by_kind[kind]):,})", "heading")
        if by_kind[kind]:
            cells = [_block_cells(*numbered) for numbered in enumerate(by_kind[kind], 1)]
            yield _proof_table(_COLUMN_WIDTHS, cells)
        yield from _letters_without_block(kind, reads)


def _letters_without_block(kind: SheetKind, reads: Sequence[ReviewedLetter]) -> Iterator[str]:
    """Yield a paragraph that names the letters without a person's block."""
    files = [
        letter_place(read.letter).file
        for read in reads
        if all(block.kind != kind for block in read.proof_blocks)
    ]
    if files:
        names = ", ".join(files[:_MAX_NAMED_FILES]) + (
            " …" if len(files) > _MAX_NAMED_FILES else ""
        )
        count = format_count(len(files), "letter")
        sentence = f"{count} without such a block, which must be read in full: {names}"
        yield _proof_paragraph(sentence, "warning")


def _block_cells(number: int, entry: _ListedBlock) -> tuple[str, str, str]:
    """Return the cells of a block's row."""
    first, *others = entry.people
    people = f"{first} and {len(others):,} more" if others else first
    number_of_letters = f"in {format_count(entry.letters, 'letter')}: {entry.file}"
    ellipsis = " …" if entry.letters > 1 else ""
    box = _proof_paragraph("☐", "box") + _proof_paragraph(f"{number:,}", "small")
    return (
        box,
        entry.block.xml,
        _proof_paragraph(people, "whose") + _proof_paragraph(number_of_letters + ellipsis, "small"),
    )


# The XML of the proof document's own text, which does not use the letter's styles.
#
# ECMA-376 part 1, 17.3.1 and 17.3.2 (paragraphs and runs), 17.4 (tables), 17.6 (sections).


_SECTION_XML = (
    f'<w:sectPr {XMLNS_W}><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="992" '
    'w:bottom="1134" w:left="992" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>'
)
"""A4 in portrait, with 175 mm for text."""


class _ProofFormat(NamedTuple):
    """A format: size in half points, spacing in twips, colour and font."""

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


def _proof_paragraph(text: str, format_name: str) -> str:
    """Return a paragraph in a format, from left to right.

    Text in Arabic or Hebrew keeps its own direction inside.
    """
    return _proof_paragraph_xml(
        f"<w:t>{escape(text, quote=False)}</w:t>", _PROOF_FORMATS[format_name], "left"
    )


def _page_number() -> str:
    """Return the footer's paragraph with page number and page count."""
    page, pages = (f'<w:fldSimple w:instr="{code}">' for code in ("PAGE", "NUMPAGES"))
    style = _PROOF_FORMATS["small"]
    number_run = f"{_run('<w:t>1</w:t>', style)}</w:fldSimple>"
    parts = f"{page}{number_run}{_run(_SLASH_XML, style)}{pages}{number_run}"
    return f"<w:p {XMLNS_W}>{_paragraph_properties(style, 'right')}{parts}</w:p>"


_SLASH_XML = '<w:t xml:space="preserve"> / </w:t>'


def _proof_paragraph_xml(content: str, style: _ProofFormat, side: str) -> str:
    return f"<w:p {XMLNS_W}>{_paragraph_properties(style, side)}{_run(content, style)}</w:p>"


def _paragraph_properties(style: _ProofFormat, side: str) -> str:
    keep = "<w:keepNext/>" if style == _PROOF_FORMATS["heading"] else ""
    return (
        f'<w:pPr>{keep}<w:bidi w:val="0"/><w:spacing w:before="{style.before}" '
        f'w:after="{style.after}" w:line="252" w:lineRule="auto"/>'
        f'<w:ind w:left="0" w:right="0" w:firstLine="0"/><w:jc w:val="{side}"/></w:pPr>'
    )


def _run(content: str, style: _ProofFormat) -> str:
    font, bold = style.font, int(style.bold)
    return (
        f'<w:r><w:rPr><w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}" '
        f'w:cs="{font}"/><w:b w:val="{bold}"/><w:bCs w:val="{bold}"/><w:i w:val="0"/>'
        f'<w:color w:val="{style.colour}"/><w:sz w:val="{style.size}"/>'
        f'<w:szCs w:val="{style.size}"/>'
        f"</w:rPr>{content}</w:r>"
    )


def _proof_table(widths: Sequence[int], rows: Sequence[Sequence[str]]) -> str:
    """Return the XML of a table of cells, with lines between its rows.

    No row continues on a second page. Widths are in twips.
    """
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="BFBFBF"/>'
        for side in ("top", "bottom", "insideH")
    )
    cell_margins = "".join(
        f'<w:{side} w:w="100" w:type="dxa"/>' for side in ("top", "left", "bottom", "right")
    )
    return (
        f'<w:tbl {XMLNS_W}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f"<w:tblBorders>{lines}</w:tblBorders>"
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{cell_margins}</w:tblCellMar></w:tblPr>'
        f"{table_grid(widths)}{''.join(_table_row(widths, row) for row in rows)}</w:tbl>"
    )


def _table_row(widths: Sequence[int], cells: Sequence[str]) -> str:
    cells_xml = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{cell}</w:tc>'
        for width, cell in zip(widths, cells, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells_xml}</w:tr>"
