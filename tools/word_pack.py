"""Make the pack of files for people who have Word and Excel.

1. A campaign with 20 letters in ten languages, its register, a print file, envelopes, labels and
   parcel sheets. The program makes all of them.
2. A checklist in Word, and a form in Excel with the same checks.
3. All people in the campaign are invented.

    python tools/word_pack.py [FOLDER]

The pack is a zip in FOLDER, by default in `dist`.
"""

from __future__ import annotations

import os
import shutil
import struct
import sys
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_DIRECTION
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph
from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

from merge.cli import main as merge
from merge.excel.lists import FIELD, finish_list, list_sheet, new_list_workbook, write_cell
from merge.product import __version__

if TYPE_CHECKING:
    from docx.oxml.text.paragraph import CT_P

ROOT = Path(__file__).resolve().parent.parent
PACK = f"appeal-merge-{__version__}-word-pack"
CAMPAIGN, CHECKLIST, FORM = "campaign", "Read me first.docx", "Form to send back.xlsx"

Rows = Sequence[Sequence[str]]

SIGNERS: Rows = [
    ("ID", "Name", "Street", "City", "Country"),
    ("S1", "Inés Álvarez Montoro", "Calle del Almendro Viejo 14", "28013 Madrid", "Spain"),
    ("S2", "سلمى البرقاوي", "نهج الياسمين عدد 9", "1002 Tunis", "Tunisia"),
]
SETTINGS: Rows = [
    ("Name", "Value"),
    ("Template", "en-GB"),
    ("Campaign", "Release Marisol Quintana"),
    ("Date", "2026-11-30"),
    ("Language", "en-GB"),
    ("Pages", "2"),
    ("Merge fields", "recipient"),
    ("Return address", "Office for Appeals, 4 Mill Lane, Galway, Ireland"),
]


class Language(NamedTuple):
    """A template in a language, and the recipient of its letters.

    `recipient` is name, street, city, country. `check` is what people look at in Word.
    """

    code: str
    recipient: tuple[str, str, str, str]
    salutation: str
    fact: str
    request: str
    closing: str
    check: str
    right_to_left: bool = False


LANGUAGES = (
    Language(
        "en-GB",
        ("Eamon Fairweather", "3 Assembly Row", "Galway H91 XX00", "Ireland"),
        "Dear Mr Fairweather,",
        "I am writing to you about Marisol Quintana, a nurse. She has been held without charge"
        " since 4 March.",
        "I ask you to ensure that she is released immediately.",
        "Yours sincerely,",
        "A picture is in the header, another in the text. The table has a border. The footer has"
        " the number of the page.",
    ),
    Language(
        "fr",
        ("Noémie Lachapelle-Côté", "1187, rue des Érables", "69003 Lyon", "France"),
        "Madame,",
        "Je vous écris au sujet de Marisol Quintana, infirmière, détenue sans inculpation"
        " depuis le 4 mars.",
        "Je vous demande de veiller à sa libération immédiate.",
        "Veuillez agréer, Madame, l’expression de ma considération distinguée.",
        "The list has two bullets. Accents are right. The date is in French.",
    ),
    Language(
        "de",
        ("Käthe Weißmüller", "Birnbaumgasse 7", "04107 Leipzig", "Germany"),
        "Sehr geehrte Frau Weißmüller,",
        "ich schreibe Ihnen wegen der Krankenschwester Marisol Quintana, die seit dem 4. März"
        " ohne Anklage in Haft ist.",
        "Ich bitte Sie, für ihre sofortige Freilassung zu sorgen.",
        "Mit freundlichen Grüßen",
        "The letter has two pages. Only the second page has a header.",
    ),
    Language(
        "ru",
        ("Мария Петрова", "ул. Садовая, д. 8, кв. 21", "191011 Санкт-Петербург", "Russia"),
        "Уважаемая Мария Петрова!",
        "Я пишу Вам о медсестре Марисоль Кинтане, которая с 4 марта находится под стражей без"
        " предъявления обвинения.",
        "Прошу Вас добиться её немедленного освобождения.",
        "С уважением,",
        "The table has three columns. The date is in Russian.",
    ),
    Language(
        "uk",
        ("Олена Журавчук", "вул. Яблунева 12, кв. 5", "79000 Львів", "Ukraine"),
        "Шановна пані Журавчук!",
        "Пишу Вам про медсестру Марісоль Кінтану, яку з 4 березня утримують під вартою без"
        " пред’явлення обвинувачення.",
        "Прошу Вас домогтися її негайного звільнення.",
        "З повагою,",
        "The list is numbered 1 and 2. The letters і, ї, є and ґ are right.",
    ),
    Language(
        "ar",
        ("ليلى حداد", "شارع الزيتون 17", "بيروت", "Lebanon"),
        "السيدة ليلى حداد المحترمة،",
        "أكتب إليكم بشأن الممرضة ماريسول كينتانا المحتجزة دون تهمة منذ 4 مارس.",
        "أطلب منكم العمل على الإفراج عنها فورًا.",
        "مع خالص الاحترام،",
        "All lines begin on the right. Letters are joined. The first column of the table is on"
        " the right.",
        right_to_left=True,
    ),
    Language(
        "he",
        ("נועה כהן", "רחוב האלון 5", "חיפה", "Israel"),
        "לכבוד נועה כהן,",
        "אני כותבת אליך בעניינה של האחות מריסול קינטנה (Marisol Quintana), המוחזקת ללא אישום"
        " מאז 4 במרץ.",
        "אבקשך לפעול לשחרורה המיידי.",
        "בכבוד רב,",
        "All lines begin on the right. The words in brackets read from left to right, and the"
        " brackets are the right way round.",
        right_to_left=True,
    ),
    Language(
        "hi",
        ("आरव शर्मा", "12 नीम मार्ग", "नई दिल्ली 110001", "India"),
        "आदरणीय आरव शर्मा,",
        "यह पत्र नर्स मारिसोल किंताना के बारे में है, जिन्हें 4 मार्च से बिना आरोप के हिरासत में रखा गया है।",
        "मेरा आपसे अनुरोध है कि उन्हें तुरंत रिहा किया जाए।",
        "सादर,",
        "The script is complete: no boxes, no dotted circles. One sentence is bold.",
    ),
    Language(
        "zh",
        ("林美玲", "建国路8号", "100022 北京", "China"),
        "尊敬的林女士：",
        "我就护士玛丽索尔·金塔纳一事致函。她自3月4日起未经指控即遭关押。",
        "我请求您确保立即释放她。",
        "此致敬礼",
        "The script is complete: no boxes. Lines break between any two characters, but never"
        " before a full stop.",
    ),
    Language(
        "vi",
        ("Nguyễn Thị Hoa", "27 Ngõ Hoa Sữa", "Hà Nội 100000", "Vietnam"),
        "Kính gửi bà Nguyễn Thị Hoa,",
        "Tôi viết thư này về y tá Marisol Quintana, người bị giam giữ không có cáo buộc từ ngày"
        " 4 tháng 3.",
        "Tôi mong bà bảo đảm để cô ấy được trả tự do ngay.",
        "Trân trọng,",
        "The template has Word’s merge fields; the letter has none: press Alt+F9, and nothing"
        " changes. All accents are on their letters.",
    ),
)


# Templates


def write_template(language: Language, path: Path) -> None:
    """Write the template of a language, with what its check asks for."""
    document = _new_document()
    _set_fonts(document, language.code)
    recipient = ("name", "street", "city", "country")
    fields = (f"recipient.{name}" for name in recipient)
    lines = [f"{{{{ {field} }}}}" for field in fields]
    merge_fields = language.code == "vi"
    for name, line in zip(recipient, lines, strict=True):
        paragraph = document.add_paragraph("" if merge_fields else line)
        if merge_fields:
            _add_field(paragraph, f"MERGEFIELD {name.capitalize()}", f"«{name.capitalize()}»")
    document.add_paragraph("{{ date }}")
    document.add_paragraph("{{ recipient.salutation }}")
    document.add_paragraph(language.fact)
    _add_features(document, language)
    document.add_paragraph(language.request)
    document.add_paragraph(language.closing)
    signature = document.add_paragraph("{{ signer.name }}")
    signature.paragraph_format.space_before = Pt(56)
    for name in recipient[1:]:
        document.add_paragraph(f"{{{{ signer.{name} }}}}")
    if language.right_to_left:
        _turn_right_to_left(document)
    document.save(str(path))


def _new_document() -> WordDocument:
    """Return an empty document on A4, without an author."""
    document = Document()
    document.core_properties.author = document.core_properties.comments = ""
    effects = next(r for r in document.part.rels.values() if "stylesWithEffects" in r.reltype)
    del document.part.rels[effects.rId]  # a copy of the styles for Word 2010, which would differ
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    return document


def _add_features(document: WordDocument, language: Language) -> None:
    code = language.code
    if code == "en-GB":
        picture = BytesIO(_picture(240, 60))
        document.sections[0].header.paragraphs[0].add_run().add_picture(picture, Cm(6))
        header_picture = next(document.sections[0].header.part.element.iter(qn("wp:docPr")))
        header_picture.set("id", "100")  # python-docx counts headers separately
        document.add_picture(BytesIO(_picture(120, 90)), Cm(4))
        _add_field(document.sections[0].footer.paragraphs[0], "PAGE", "1")
    if code in {"fr", "uk"}:
        for text in (language.fact, language.request):
            document.add_paragraph(text, "List Bullet" if code == "fr" else "List Number")
    if code in {"en-GB", "ru", "ar"}:
        table = document.add_table(2, 3, "Table Grid")
        for number, cell in enumerate(cell for row in table.rows for cell in row.cells):
            cell.text = f"{number + 1}. {language.closing}"
    if code == "de":
        section = document.sections[0]
        section.different_first_page_header_footer = True
        section.header.paragraphs[0].text = "{{ recipient.name }}"
        for _ in range(12):
            document.add_paragraph(language.fact)
            document.add_paragraph(language.request)
    if code == "hi":
        document.paragraphs[-1].runs[0].bold = True


def _set_fonts(document: WordDocument, code: str) -> None:
    """Set one font for all scripts, and the language of the text."""
    style = document.styles["Normal"]
    style.font.size = Pt(11)
    style.paragraph_format.space_after = Pt(4)
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    complex_font = {"hi": "Nirmala UI"}.get(code, "Times New Roman")
    names = {"ascii": "Times New Roman", "hAnsi": "Times New Roman", "cs": complex_font}
    for name, font in (names | {"eastAsia": "SimSun"}).items():
        fonts.set(qn(f"w:{name}"), font)
    attribute = {"ar": "bidi", "he": "bidi", "hi": "bidi", "zh": "eastAsia"}.get(code, "val")
    properties.append(parse_xml(f'<w:lang {nsdecls("w")} w:{attribute}="{code}"/>'))


def _turn_right_to_left(document: WordDocument) -> None:
    """Make all paragraphs, runs and tables of a document right to left."""
    for table in document.tables:
        table.table_direction = WD_TABLE_DIRECTION.RTL
    for element in document.element.body.iter(qn("w:p")):
        paragraph = Paragraph(element, document._body)  # noqa: SLF001 - also in tables
        properties = element.get_or_add_pPr()
        properties.insert_element_before(
            OxmlElement("w:bidi"), "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr"
        )
        for run in paragraph.runs:
            run.font.rtl = True


def _add_field(paragraph: Paragraph, code: str, text: str) -> None:
    field = (
        f'<w:fldSimple {nsdecls("w")} w:instr=" {code} "><w:r><w:t>{text}</w:t></w:r></w:fldSimple>'
    )
    paragraph._p.append(cast("CT_P", parse_xml(field)))  # noqa: SLF001 - python-docx has no fields


def _picture(width: int, height: int) -> bytes:
    """Return a PNG with a gradient from green to orange."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    row = b"\0" + b"".join(bytes((x * 240 // width, 120, 90)) for x in range(width))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(row * height)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


# The campaign


def make_campaign(folder: Path) -> None:
    """Make the campaign, and let the program create everything in it."""
    (folder / "templates").mkdir(parents=True)
    for language in LANGUAGES:
        write_template(language, folder / "templates" / f"{language.code}.docx")
    recipients: Rows = [
        ("ID", "Name", "Street", "City", "Country", "Salutation", "Template", "Language"),
        *(
            (f"R{number}", *each.recipient, each.salutation, each.code, each.code)
            for number, each in enumerate(LANGUAGES, 1)
        ),
    ]
    book = Workbook()
    book.remove(book.worksheets[0])
    sheets = (("Signers", SIGNERS), ("Recipients", recipients), ("Settings", SETTINGS))
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(folder / "signers.xlsx")
    outside = ("--envelopes", "DL", "--labels", "L7160", "--parcels")
    for name, *options in (["letters"], ["print", "--covers", *outside], ["proofread"]):
        output = StringIO()
        with redirect_stdout(output), redirect_stderr(output):
            code = merge([name, str(folder), *options])
        if code:
            raise SystemExit(output.getvalue())


# The checklist and the form


class Check(NamedTuple):
    """A check: a file of the pack, and what is right."""

    file: str
    right: str


def checks(folder: Path) -> list[Check]:
    """Return the checks of the files in a campaign folder."""
    return [
        *_letter_checks(),
        Check(
            f"{CAMPAIGN}/letters",
            "All 20 letters open, none with the message that Word must repair it. Word does not ask"
            " to save a letter that you only looked at.",
        ),
        Check(
            f"{CAMPAIGN}/letters",
            "File, Info, Check for Issues, Inspect Document finds no author, no comments and no"
            " hidden text in a letter.",
        ),
        Check(
            f"{CAMPAIGN}/register.xlsx",
            "It opens without a message. The link of a letter opens this letter. A date in Posted"
            " can be entered and saved. Rows can be filtered.",
        ),
        *(Check(path, _RIGHT[kind]) for kind, path in _print_files(folder)),
        Check(
            "Printing on paper",
            "A cover sheet, two letters, an envelope and a sheet of labels (plain paper held"
            " against a sheet of labels) are in the right place on the paper.",
        ),
        Check(
            "If Appeal Merge is installed",
            "Open the folder “campaign” on the page: 20 letters are in a print file, and none is"
            " edited. Open one in Word, add a word, save it: the page says “edited”.",
        ),
    ]


def _letter_checks() -> Iterator[Check]:
    for number, language in enumerate(LANGUAGES):
        signer = SIGNERS[1 + number % 2][1]
        path = f"{CAMPAIGN}/letters/{signer}/{language.recipient[0]}.docx"
        yield Check(path, f"{language.check} Nothing is missing up to the signer’s country.")


_RIGHT = {
    "Envelopes": "Each envelope has a page of the size DL. The recipient’s address is in the"
    " window, the return address above it.",
    "Labels": "Three columns and seven rows of labels on A4. No address crosses the edge of its"
    " label.",
    "Proofread": "It opens without a message. Columns are wide enough to read all texts.",
    "Parcels": "Each recipient has a sheet: the address above the line, the signers and a receipt"
    " below it.",
    "Letters": "It opens without a message. Each pile begins with a cover sheet. Each letter looks"
    " like its own file: header, pictures, lists, page numbers.",
}
"""Descriptions of print files, by the first word of their names."""


def _print_files(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the kind and the path of each print file in a campaign folder."""
    for path in sorted((folder / "print").rglob("*.*x")):
        kind = path.stem.split()[0]
        kind = kind if kind in _RIGHT else "Letters"
        yield kind, f"{CAMPAIGN}/{path.relative_to(folder).as_posix()}"


INTRODUCTION = """\
Appeal Merge makes Word and Excel files. It was tested with LibreOffice. Only you can say how they \
look in Microsoft Word and Excel. You need about 40 minutes.
1. Unpack this folder. Do not open the files inside the zip.
2. Open the form “Form to send back.xlsx”, and fill in its first sheet.
3. Go through the checks in the second sheet, which are also listed below. For each, select “as \
described”, “different” or “not tried”, and write what you saw.
4. If something is different, take a picture of it (Windows: Windows key, Shift and S; Mac: Shift, \
Command and 4).
5. Send back the form and the pictures. All people in the files are invented."""
QUESTIONS = (
    ("Your computer", "Windows 10, Windows 11 or macOS, with its version"),
    ("Word and Excel", "File, Account, About Word: all of the first line"),
    ("Language of Word", ""),
    ("Display", "scaling in per cent, and dark or light"),
    ("Printer", "if you print on paper"),
    ("About this computer", "if Appeal Merge is installed: Help, Check this computer, Copy"),
    ("Name for questions", "may stay empty"),
)
RESULTS = ("as described", "different", "not tried")


def write_checklist(path: Path, all_checks: Sequence[Check]) -> None:
    """Write the checklist as a Word document, to print or to read."""
    document = _new_document()
    document.add_heading(f"Appeal Merge {__version__}: check these files in Word", 1)
    for line in INTRODUCTION.splitlines():
        document.add_paragraph(line)
    table = document.add_table(1, 4, "Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, (1, 6.2, 7.2, 2), strict=True):
        column.width = Cm(width)
    rows = [("", "File", "This is right", "Yes / no")]
    rows += [(str(n), each.file, each.right, "") for n, each in enumerate(all_checks, 1)]
    for number, row in enumerate(rows):
        cells = table.rows[0].cells if number == 0 else table.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            cell.text = text
    document.save(str(path))


def write_form(path: Path, all_checks: Sequence[Check]) -> None:
    """Write the form to send back, with a row for each check."""
    book = new_list_workbook()
    about = list_sheet(
        book, "Your computer", {"Question": 24, "Where to find it": 50, "Answer": 60}
    )
    for row, (question, help_text) in enumerate(QUESTIONS, 2):
        for column, text in enumerate((question, help_text), 1):
            write_cell(about, row, column, text)
        write_cell(about, row, 3, "", FIELD)
    finish_list(about)
    headings = {"Check": 8, "File": 46, "This is right": 60, "Result": 16, "What you saw": 50}
    sheet = list_sheet(book, "Checks", headings, numbers=["Check"])
    for number, each in enumerate(all_checks, 1):
        write_cell(sheet, number + 1, 1, number)
        write_cell(sheet, number + 1, 2, each.file)
        write_cell(sheet, number + 1, 3, each.right)
        for column in (4, 5):
            write_cell(sheet, number + 1, column, "", FIELD)
    finish_list(sheet)
    choice = DataValidation("list", formula1=f'"{",".join(RESULTS)}"', allow_blank=True)
    choice.add(f"D2:D{len(all_checks) + 1}")
    sheet.add_data_validation(choice)
    book.save(path)


def make_pack(folder: Path) -> Path:
    """Make the pack in a folder; return the zip."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["MERGE_HOME"] = str(Path(temporary, "private"))
        pack = Path(temporary, PACK)
        make_campaign(pack / CAMPAIGN)
        for lock in pack.rglob(".merge-lock"):
            lock.unlink()
        all_checks = checks(pack / CAMPAIGN)
        write_checklist(pack / CHECKLIST, all_checks)
        write_form(pack / FORM, all_checks)
        return Path(shutil.make_archive(str(folder / PACK), "zip", temporary, PACK))


if __name__ == "__main__":
    print(make_pack(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "dist"))
