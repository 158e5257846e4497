"""The two files that users get: templates/appeal.docx and signers.xlsx."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as Letter
from docxtpl import DocxTemplate
from lxml import etree
from openpyxl import Workbook, load_workbook
from openxml_audit import OpenXmlValidator
from pypdf import PdfReader
from support.everyday import everyday
from support.office_programs import soffice

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "templates" / "appeal.docx"
WORKBOOK = ROOT / "signers.xlsx"
SEED = Path(__file__).parent / "data" / "seed-letters.txt"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STARTER = ROOT / "merge" / "starter"
CREATORS = {
    "make_template.py": (TEMPLATE, STARTER / "templates" / "appeal.docx"),
    "make_workbook.py": (WORKBOOK, STARTER / "signers.xlsx"),
}
HEADINGS = {
    "Signers": ["ID", "Name", "Street", "City", "Country", "Include"],
    "Recipients": [
        *("ID", "Position", "Name", "Organisation", "Street", "City", "Country"),
        *("Salutation", "Include"),
    ],
    "Settings": ["Name", "Value"],
}


def members(package: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(package) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def part(name: str) -> etree._Element:
    return etree.fromstring(members(TEMPLATE)[name])


def people(sheet: str) -> list[dict[str, str]]:
    """Return the rows of a sheet as plain docxtpl would get them."""
    headings, *rows = load_workbook(WORKBOOK)[sheet].iter_rows(values_only=True)
    names = [str(heading).lower() for heading in headings]
    return [dict(zip(names, (str(cell or "") for cell in row), strict=True)) for row in rows]


def fill_with_docxtpl(signer: dict[str, str], recipient: dict[str, str], to: Path) -> Letter:
    """Fill the template with plain docxtpl, and remove blank lines."""
    template = DocxTemplate(TEMPLATE)
    template.render({"signer": signer, "recipient": recipient}, autoescape=True)
    template.save(to)
    letter = Document(str(to))
    for paragraph in letter.paragraphs:
        if not paragraph.text.strip():
            letter.element.body.remove(paragraph._p)  # noqa: SLF001
    letter.save(str(to))
    return letter


def seed_letters() -> list[list[str]]:
    """Return the lines of both letters of the seed.

    The dot of a list item is not part of the text.
    """
    letters = SEED.read_text(encoding="utf-8").split("Sincerely,")[:2]
    lines = [[" ".join(line.split()) for line in letter.splitlines()] for letter in letters]
    return [[line.removeprefix("· ") for line in letter if line] for letter in lines]


def workbook() -> Workbook:
    return load_workbook(WORKBOOK)


@pytest.mark.parametrize("script", everyday(CREATORS))
def test_each_script_creates_the_shipped_file_again(script: str, tmp_path: Path) -> None:
    """Compare the parts, not the compressed bytes.

    Another zlib may compress the same parts differently.
    """
    once, again = tmp_path / "once", tmp_path / "again"
    for folder in (once, again):
        subprocess.run([sys.executable, ROOT / "tools" / script, folder], check=True)
    for shipped in CREATORS[script]:
        name = shipped.relative_to(ROOT)
        assert (once / name).read_bytes() == (again / name).read_bytes()
        assert members(once / name) == members(shipped)


@pytest.mark.parametrize("number", [0, 1])
def test_the_sample_letters_have_the_words_of_the_seed(number: int, tmp_path: Path) -> None:
    letter = fill_with_docxtpl(
        people("Signers")[0], people("Recipients")[number], tmp_path / "letter.docx"
    )
    text = [" ".join(paragraph.text.split()) for paragraph in letter.paragraphs]
    assert text[: text.index("Sincerely,")] == seed_letters()[number]


def test_the_signers_name_and_address_follow_the_closing(tmp_path: Path) -> None:
    signer = people("Signers")[0]
    letter = fill_with_docxtpl(signer, people("Recipients")[0], tmp_path / "letter.docx")
    end = [(paragraph.style.name, paragraph.text) for paragraph in letter.paragraphs[-4:]]  # type: ignore[union-attr]
    places = [("Signature Address", signer[key]) for key in ("street", "city", "country")]
    assert end == [("Signature", signer["name"]), *places]


def test_the_template_and_a_letter_conform_to_the_standard(tmp_path: Path) -> None:
    letter = tmp_path / "letter.docx"
    fill_with_docxtpl(people("Signers")[4], people("Recipients")[1], letter)
    for file in (TEMPLATE, letter):
        assert OpenXmlValidator().validate(file).errors == []


def test_the_workbook_conforms_to_the_standard() -> None:
    """Only errors count.

    The warnings say that openpyxl writes text into the cells, which Excel reads as well.
    """
    assert OpenXmlValidator().validate(WORKBOOK).error_count == 0


def test_every_style_of_the_template_is_used_and_every_paragraph_has_one() -> None:
    defined = {style.get(f"{W}styleId") for style in part("word/styles.xml").iter(f"{W}style")}
    paragraphs = list(part("word/document.xml").iter(f"{W}p"))
    used = [style.get(f"{W}val") for style in part("word/document.xml").iter(f"{W}pStyle")]
    assert len(used) == len(paragraphs)
    assert set(used) | {"Normal"} == defined


def test_the_three_demands_in_the_template_are_a_real_list() -> None:
    level = part("word/numbering.xml").find(f".//{W}lvl/{W}pStyle")
    demands = [
        paragraph
        for paragraph in Document(str(TEMPLATE)).paragraphs
        if paragraph.style and paragraph.style.name == "List Bullet"
    ]
    assert level is not None
    assert level.get(f"{W}val") == "ListBullet"
    assert [demand.text.split()[0] for demand in demands] == ["Please"] * 3


def test_every_paragraph_of_the_template_has_text_and_no_placeholder_is_split() -> None:
    texts = [text.text or "" for text in part("word/document.xml").iter(f"{W}t")]
    assert len(texts) == len(list(part("word/document.xml").iter(f"{W}p")))
    assert all(text.strip() and text.count("{{") == text.count("}}") for text in texts)


def test_closing_signing_space_and_signature_stay_on_one_page() -> None:
    styles = Document(str(TEMPLATE)).styles
    for name in ("Closing", "Signature"):
        assert styles[name].paragraph_format.keep_with_next
    assert styles["Signature"].paragraph_format.space_before.cm == pytest.approx(2, abs=0.01)
    assert styles["Signature Address"].base_style == styles["Signature"]


def test_word_opens_the_template_without_compatibility_mode() -> None:
    settings = part("word/settings.xml").iter(f"{W}compatSetting")
    modes = {setting.get(f"{W}name"): setting.get(f"{W}val") for setting in settings}
    assert modes["compatibilityMode"] == "15"


@pytest.mark.parametrize(
    "file",
    [f for files in CREATORS.values() for f in files],
    ids=lambda f: f"{f.parent.name}-{f.name}",
)
def test_a_shipped_file_is_small_and_names_no_author(file: Path) -> None:
    content = members(file)
    assert file.stat().st_size < 20_000
    assert (
        re.findall(rb"creator|lastModifiedBy|dcterms|[Cc]ompany", content["docProps/core.xml"])
        == []
    )
    assert not any(b"w:rsid" in xml or re.search(rb"<author>[^<]", xml) for xml in content.values())


@pytest.mark.parametrize("sheet", HEADINGS)
def test_each_sheet_is_a_table_with_its_headings_frozen(sheet: str) -> None:
    page = workbook()[sheet]
    assert [cell.value for cell in page[1]] == HEADINGS[sheet]
    assert page.tables[sheet].ref == page.dimensions
    assert page.freeze_panes == "A2"
    assert page.print_title_rows == "$1:$1"
    assert page.page_setup.orientation == "landscape"


def test_each_heading_has_a_note_with_its_placeholder() -> None:
    for sheet, word in (("Signers", "signer"), ("Recipients", "recipient")):
        for cell in workbook()[sheet][1]:
            assert cell.comment
            assert f"{{{{ {word}.{str(cell.value).lower()} }}}}" in cell.comment.text


def test_columns_with_few_values_have_a_list_of_them() -> None:
    offers = {
        (sheet, str(rule.sqref)): rule.formula1
        for sheet in HEADINGS
        for rule in workbook()[sheet].data_validations.dataValidation
    }
    assert offers["Signers", "F2:F5000"] == offers["Recipients", "I2:I5000"] == '"yes,no"'
    assert offers["Settings", "A2:A5000"].startswith('"Campaign,Template,File name,Date,')
    assert workbook()["Settings"]["A4"].value == "Language"
    assert offers["Settings", "B4"].startswith('"en,fr,')


def test_cells_of_people_are_text_and_no_cell_is_a_formula() -> None:
    cells = [cell for sheet in HEADINGS for row in workbook()[sheet].iter_rows(2) for cell in row]
    assert all(cell.data_type in "sn" and isinstance(cell.value, str | None) for cell in cells)
    assert {cell.number_format for row in workbook()["Signers"].iter_rows(2) for cell in row} == {
        "@"
    }
    assert workbook()["Signers"].column_dimensions["D"].number_format == "@"


def test_the_sample_signers_show_different_scripts_and_blanks() -> None:
    signers = people("Signers")
    names = " ".join(signer["name"] for signer in signers)
    assert len({signer["country"] for signer in signers}) == len(signers) == 6
    assert all(re.search(script, names) for script in ("[À-ÿ]", "[А-я]", "[ء-ي]"))
    assert [signer["id"] for signer in signers if not signer["street"]] == ["S3"]


@pytest.mark.slow
@pytest.mark.libreoffice
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_every_letter_fits_one_page(tmp_path: Path) -> None:
    signer = people("Signers")[5] | {"street": "1187, rue des Érables-Argentés\nAppartement 12"}
    for recipient in people("Recipients"):
        fill_with_docxtpl(signer, recipient, tmp_path / f"{recipient['id']}.docx")
    command = [*soffice(), "--convert-to", "pdf", "--outdir"]
    subprocess.run([*command, tmp_path, *tmp_path.glob("R*.docx")], check=True, timeout=120)
    pages = [len(PdfReader(tmp_path / f"{name}.pdf").pages) for name in ("R1", "R2")]
    assert pages == [1, 1]
