"""Make signers.xlsx and the starter's workbook again, byte for byte.

The two officials are the campaign's own; the signers, and all of the starter's people, are
invented.

    python tools/make_workbook.py [FOLDER]
"""

import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from make_template import zipped
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from merge.campaign.title import SAMPLE_TITLE

ROOT = Path(__file__).resolve().parent.parent

INK, LINE, WHITE = "FF1F3864", "FFC9D3E0", "FFFFFFFF"
PRINTED = 150  # characters in a row that A4 across shows in type of 10 points
LAST_PREPARED_ROW = 5000  # drop-downs go as far down as this
TEXT = "@"  # Excel then keeps the zeros of 04107 as they are typed
A4 = 9


# Tables as text: one row after another, cells between bars. Indented lines go on.
SIGNER_COLUMNS = """
ID | 8 | A short ID that never changes. It distinguishes people with the same name.
Name | 30 | The name as typed under the signature, in any script. Never blank.
Street | 33 | Street and number. If blank, its line is removed from the letter.
City | 28 | Town and postcode, in the order used in that country.
Country | 20 | The country. Leave it blank if the letter stays in one country.
Include | 12 | no: this person is excluded. yes or blank: takes part.
"""
SIGNERS = """
S1 | Inés Álvarez Montoro | Calle del Almendro Viejo 14 | 28013 Madrid | Spain | yes
S2 | Käthe Weißmüller | Birnbaumgasse 7 | 04107 Leipzig | Germany | yes
S3 | Þórdís Eyvindardóttir | | 785 Öræfi | Iceland | yes
S4 | Олена Журавчук | вул. Яблунева 12, кв. 5 | 79000 Львів | Ukraine | yes
S5 | سلمى البرقاوي | نهج الياسمين عدد 9 | 1002 Tunis | Tunisia | yes
S6 | Noémie Lachapelle-Côté | 1187, rue des Érables-Argentés | Montréal (Québec) H2X 9Z9 | Canada
    | yes
"""

RECIPIENT_COLUMNS = """
ID | 8 | A short ID that never changes. It distinguishes people with the same name.
Position | 24 | The position held, the first line of the address. It may be blank.
Name | 30 | The name as printed in the address, with the title. Never blank.
Organisation | 36 | The ministry, committee or embassy. If blank, its line is removed.
Street | 30 | Street and number. If blank, its line is removed from the letter.
City | 22 | Town and postcode, in the order used in that country.
Country | 20 | The country. Leave it blank if the address needs none.
Salutation | 24 | The text after the word Dear, without the comma. Never blank.
Include | 12 | no: this person is excluded. yes or blank: takes part.
"""
RECIPIENTS = """
R1 | Chairman of the Investigation Committee | Aleksandr Ivanovich Bastrykin
    | Investigation Committee of the Russian Federation | Tekhnicheskii pereulok, dom 2
    | 105005 Moscow | Russian Federation | Chairman of the Investigation Committee | yes
R2 | | Ambassador Sergey I. Kislyak | Embassy of the Russian Federation | 2650 Wisconsin Ave. NW
    | Washington DC 20007 | | Ambassador | yes
"""

SETTING_COLUMNS = """
Name | 26 | Choose a name from the list, or add your own information.
Value | 70 | Applies to all letters. The Help sheet explains each name. | General
"""
SETTINGS = """
Campaign | Appeal for the men detained in Chechnya
Template | appeal.docx
Language | en
"""

STARTER_RECIPIENTS = """
R1 | Minister of Justice | Dr Amara Lindqvist | Ministry of Justice of Velnia | 4 Granary Square
    | 10115 Sorrento Hill | Velnia | Minister | yes
R2 | | Ambassador Tomasz Okafor | Embassy of Velnia | 18 Canal Street | Brookhaven BR2 6QD | |
    Ambassador | yes
"""
STARTER_SETTINGS = f"""
Campaign | {SAMPLE_TITLE}
Template | appeal.docx
Language | en
"""

HELP_COLUMNS = """
Sheet | 14 | The sheet that it is in.
Heading or name | 20 | Its name in the sheet.
Placeholder | 34 | How the template uses it.
What to enter | 84 | What it is for.
"""
HELP_ON_SETTINGS = """
Campaign | {{ settings.campaign }} | The title of this campaign.
Template | | The Word file in the templates folder. Needed if there are several.
File name | | Folder and name of each letter, with placeholders:
    {{ signer.name }}/{{ recipient.name }}
Date | {{ date }} | The date of the letters. Default: the day on which each was first created.
Language | {{ language }} | The language of dates: en, fr, ru, ar and so on.
Hidden rows | | skip: people in hidden or filtered rows get no letters. Default: they do.
Match | | A column heading of both sheets: letters are created only if the two cells match.
Sort by | | A column heading: letters are printed in the order of this column.
Pages | | How many pages a letter may have. Longer letters are reported before printing.
Return address | | The return address on envelopes and parcels. Blank: none.
Envelope address | | The recipient's address with placeholders, line by line. Default: name and
    address columns.
"""
HELP_ON_MORE = """
Any sheet | a new column | | Add the columns that your letter needs. The heading gives the
    placeholder: Postal code in the Recipients sheet is {{ recipient.postal_code }} in the template.
Settings | a new name | | Information for all letters. The name gives the placeholder: Deadline is
    {{ settings.deadline }} in the template.
Recipients | Template, Language | | Optional columns, for people who need another template or dates
    in another language.
Pairs | Signer, Recipient | | An optional sheet: who writes to whom, by name or ID, * for everyone.
    Without it, every signer writes to every recipient.
"""

YES_NO = "yes,no"
LANGUAGES = "en,fr,de,es,pt,it,nl,pl,ru,uk,ar"  # those offered; others may be typed


class Column(NamedTuple):
    """A heading, its width in characters, its help, and its number format."""

    heading: str
    width: str
    help: str
    number_format: str = TEXT


class Sheet(NamedTuple):
    """A sheet: its name, the first word of its placeholders, columns and rows.

    A blank word means no placeholders.
    """

    name: str
    tag: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


def _rows(table: str) -> list[list[str]]:
    lines = re.split(r"\n(?! )", table.strip())
    return [[" ".join(cell.split()) for cell in line.split("|")] for line in lines]


def _sheet(name: str, tag: str, columns: str, rows: Sequence[Sequence[str]]) -> Sheet:
    return Sheet(name, tag, [Column(*cells) for cells in _rows(columns)], rows)


def _narrowed(sheet: Sheet) -> Sheet:
    """Return a sheet whose columns fit the width of a page."""
    part = min(1, PRINTED / sum(float(column.width) for column in sheet.columns))
    widths = [max(len(c.heading) + 3, int(float(c.width) * part)) for c in sheet.columns]
    pairs = zip(sheet.columns, widths, strict=True)
    columns = [column._replace(width=str(width)) for column, width in pairs]
    return sheet._replace(columns=columns)


def _sheets(recipients: str, settings: str) -> list[Sheet]:
    people = [
        _sheet("Signers", "signer", SIGNER_COLUMNS, _rows(SIGNERS)),
        _sheet("Recipients", "recipient", RECIPIENT_COLUMNS, _rows(recipients)),
    ]
    facts = _sheet("Settings", "", SETTING_COLUMNS, _rows(settings))
    return [*people, facts, _sheet("Help", "", HELP_COLUMNS, list(_help_rows(people)))]


def _tag(table: str, heading: str) -> str:
    return f"{{{{ {table}.{heading.lower().replace(' ', '_')} }}}}"


def _help_rows(people: Sequence[Sheet]) -> Iterator[Sequence[str]]:
    for sheet in people:
        for column in sheet.columns:
            yield sheet.name, column.heading, _tag(sheet.tag, column.heading), column.help
    yield from (["Settings", *cells] for cells in _rows(HELP_ON_SETTINGS))
    yield from _rows(HELP_ON_MORE)


def _note(sheet: Sheet, column: Column) -> Comment:
    tag = f"\n\nIn the template: {_tag(sheet.tag, column.heading)}" if sheet.tag else ""
    return Comment(column.help + tag, author="", width=300, height=95 if tag else 70)


def _write_headings(page: Worksheet, sheet: Sheet) -> None:
    for number, column in enumerate(sheet.columns, 1):
        cell = page.cell(1, number, column.heading)
        cell.font = Font(name="Calibri", size=11, bold=True, color=WHITE)
        cell.fill = PatternFill("solid", fgColor=INK)
        cell.alignment = Alignment("left", "center", indent=1)
        if sheet.name != "Help":
            cell.comment = _note(sheet, column)
    page.row_dimensions[1].height = 26


def _write_rows(page: Worksheet, sheet: Sheet) -> None:
    for number, values in enumerate(sheet.rows, 2):
        for column, value in enumerate(values, 1):
            cell = page.cell(number, column, value or None)
            cell.number_format = sheet.columns[column - 1].number_format
            cell.alignment = Alignment("left", "top", wrap_text=True, indent=1)
            cell.border = Border(bottom=Side("thin", color=LINE))


def _prepare_columns(page: Worksheet, sheet: Sheet) -> None:
    """Format the empty rows below like the others."""
    for number, column in enumerate(sheet.columns, 1):
        dimension = page.column_dimensions[get_column_letter(number)]
        dimension.width = float(column.width)
        dimension.number_format = column.number_format
        dimension.alignment = Alignment("left", "top", wrap_text=True, indent=1)


def _add_table(page: Worksheet, sheet: Sheet) -> None:
    table = Table(displayName=sheet.name, ref=page.dimensions)
    table.tableStyleInfo = TableStyleInfo(name="TableStyleMedium2", showRowStripes=True)
    page.add_table(table)


def _offer(page: Worksheet, cells: str, choices: str, *, only_these: bool) -> None:
    rule = DataValidation("list", f'"{choices}"', allow_blank=True, showErrorMessage=only_these)
    if only_these:
        rule.errorTitle = "Please choose"
        rule.error = f"Choose {choices.replace(',', ' or ')}, or leave the cell blank."
    rule.add(cells)
    page.add_data_validation(rule)


def _offer_choices(book: Workbook) -> None:
    names = ",".join(cells[0] for cells in _rows(HELP_ON_SETTINGS))
    _offer(book["Signers"], f"F2:F{LAST_PREPARED_ROW}", YES_NO, only_these=True)
    _offer(book["Recipients"], f"I2:I{LAST_PREPARED_ROW}", YES_NO, only_these=True)
    _offer(book["Settings"], f"A2:A{LAST_PREPARED_ROW}", names, only_these=False)
    _offer(book["Settings"], "B4", LANGUAGES, only_these=False)


def _set_up_print(page: Worksheet) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = A4
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = "1:1"
    page.page_margins = PageMargins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    footer = HeaderFooterItem()
    footer.left.text, footer.right.text = "&A", "&P / &N"
    page.HeaderFooter.oddFooter = footer


def _add_sheet(book: Workbook, sheet: Sheet) -> None:
    page = book.create_sheet(sheet.name)
    _prepare_columns(page, sheet)
    _write_headings(page, sheet)
    _write_rows(page, sheet)
    _add_table(page, sheet)
    _set_up_print(page)
    page.freeze_panes = "A2"


def _tidy(members: dict[str, bytes]) -> dict[str, bytes]:
    """Remove the time of saving, and sort a font's elements by the standard."""
    core, styles = "docProps/core.xml", "xl/styles.xml"
    members[core] = re.sub(rb"<dcterms:(\w+)[^>]*>[^<]*</dcterms:\1>", b"", members[core])
    members[styles] = re.sub(rb"(?<=<font>).*?(?=</font>)", _font_in_order, members[styles])
    return members


def _font_in_order(font: re.Match[bytes]) -> bytes:
    order = (b"<b ", b"<sz", b"<color", b"<name", b"<family", b"<scheme")
    facts = re.findall(rb"<[^>]*>", font[0])
    return b"".join(fact for start in order for fact in facts if fact.startswith(start))


def workbook(
    recipients: str = RECIPIENTS, settings: str = SETTINGS, *, to_print: bool = False
) -> bytes:
    """Return a complete workbook, the same at every call.

    If wanted, its columns are narrow enough to be printed.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in _sheets(recipients, settings):
        _add_sheet(book, _narrowed(sheet) if to_print else sheet)
    _offer_choices(book)
    book.properties.creator = None
    book.properties.title = "Signers and recipients"
    output = BytesIO()
    book.save(output)
    with zipfile.ZipFile(output) as package:
        return zipped(_tidy({name: package.read(name) for name in package.namelist()}))


if __name__ == "__main__":
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    (root / "merge" / "starter").mkdir(parents=True, exist_ok=True)
    (root / "signers.xlsx").write_bytes(workbook())
    starter = workbook(STARTER_RECIPIENTS, STARTER_SETTINGS, to_print=True)
    (root / "merge" / "starter" / "signers.xlsx").write_bytes(starter)
