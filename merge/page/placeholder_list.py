"""The placeholders of a workbook as a Word document, to copy from.

It has no values of cells, so it can be passed on and kept anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from merge.ooxml.new_docx import (
    PageSetup,
    ParagraphStyle,
    fixed_table,
    mm_to_twips,
    styled_docx,
    table_cell,
    table_row,
    text_paragraph,
)
from merge.page.placeholder_pane import PlaceholderPane
from merge.page.web import gettext

_PAGE = PageSetup(width=210, height=297, code=9, left=20, top=18, right=20, bottom=15)
_TITLE_STYLE = ParagraphStyle("Title", 20, bold=True)
_NAME_STYLE = ParagraphStyle("Table Name", 12, 14, bold=True)
_HEAD_STYLE = ParagraphStyle("Table Heading", 9, 4, bold=True)
_CELL_STYLE = ParagraphStyle("Table Text", 10, 3)
_STYLES = (_TITLE_STYLE, _NAME_STYLE, _HEAD_STYLE, _CELL_STYLE)
HEADINGS = ("Column", "Placeholder", "Merge field")
"""Headings of its tables, in English."""
_COLUMN_WIDTHS, _EXAMPLE_WIDTHS = (50, 65, 55), (70, 100)
"""Widths of the columns of the two kinds of tables, in millimetres."""


def placeholder_list(pane: PlaceholderPane) -> bytes:
    """Return a .docx with each column, its placeholder and its merge field."""
    title = gettext("Placeholders")
    heads = [*map(gettext, HEADINGS)]
    body = [text_paragraph(title, _TITLE_STYLE)]
    for sheet, items in pane.sheets.items():
        rows = [(i.placeholder.heading, i.placeholder.tag, i.placeholder.field) for i in items]
        body.append(text_paragraph(sheet, _NAME_STYLE))
        body.append(_table(_COLUMN_WIDTHS, heads, rows))
    examples = [(gettext(example.label), example.text) for example in pane.examples]
    body.append(text_paragraph(gettext("Conditions, dates and merge fields"), _NAME_STYLE))
    body.append(_table(_EXAMPLE_WIDTHS, (), examples))
    return styled_docx(title, _STYLES, "".join(body), _PAGE)


def _table(widths: Sequence[int], heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    twips = [mm_to_twips(width) for width in widths]
    head = [text_paragraph(text, _HEAD_STYLE) for text in heads]
    head_rows = [_row(twips, head, repeated=True)] if head else []
    return fixed_table(twips, [*head_rows, *_rows(twips, rows)])


def _rows(widths: Sequence[int], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for texts in rows:
        cells = (
            "".join(text_paragraph(line, _CELL_STYLE) for line in text.split("\n"))
            for text in texts
        )
        yield _row(widths, [*cells])


def _row(widths: Sequence[int], texts: Sequence[str], *, repeated: bool = False) -> str:
    cells = (
        table_cell(width, text, ruled_sides="bottom")
        for width, text in zip(widths, texts, strict=True)
    )
    return table_row(cells, repeat_on_each_page=repeated)
