"""A main document of Word's mail merge, as LibreOffice shows it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from support.documents import MAIN, OFFICE, cell, docx, paragraph, run, table, text_box
from support.field_markup import BOLD, code, field, mark, nested, simple
from support.filled_letters import members, texts
from support.office_programs import needs_libreoffice, pdf_text, to_pdf

from merge.ooxml.package import parse_package
from merge.template.filters import TemplateValue, freeze
from merge.template.tags import FieldsBySheet
from merge.template.template import compile_template
from merge.values import WorkbookValue

PROOFING = "<w:proofErr w:type='spellStart'/>"
BOOKMARK = "<w:bookmarkStart w:id='0' w:name='_GoBack'/><w:bookmarkEnd w:id='0'/>"
SETTINGS = (
    f"<w:settings xmlns:w='{MAIN}' xmlns:r='{OFFICE}'><w:mailMerge>"
    "<w:mainDocumentType w:val='formLetters'/><w:linkToQuery/><w:dataType w:val='native'/>"
    "<w:connectString w:val='Provider=Microsoft.ACE.OLEDB.12.0;Data Source=C:\\list.xlsx'/>"
    "<w:query w:val='TABLE Sheet1'/><w:viewMergedData/></w:mailMerge></w:settings>"
)


def split(*pieces: str) -> str:
    """Return a code as Word leaves it after editing: runs with proofing marks."""
    return PROOFING.join(code(piece) for piece in pieces)


def in_paragraph(*runs: str) -> str:
    """Return a paragraph as Word saves it, with IDs of editing sessions."""
    return paragraph(*runs).replace("<w:p>", "<w:p w:rsidR='00A1B2C3' w:rsidRDefault='00A1B2C3'>")


ADDRESS = (
    in_paragraph(
        field(
            split(" MERGE", "FIELD Recipi", 'ent_Name \\f "" '),
            result=run("Ana") + BOOKMARK + run(" Ruiz"),
        )
    ),
    in_paragraph(simple(" MERGEFIELD Street \\* MERGEFORMAT ", "«Street»", "<w:noProof/>")),
    in_paragraph(field(' MERGEFIELD "Line 2" ')),
    in_paragraph(
        field(" MERGEFIELD Postal_code "),
        " ",
        field(' MERGEFIELD City \\f ", " '),
        simple("MERGEFIELD Land"),
    ),
    in_paragraph(
        field(
            " IF ",
            nested(" MERGEFIELD Land "),
            ' <> "" "By air to ',
            nested("MERGEFIELD Land \\* Upper"),
            code('" "" '),
        )
    ),
)
TEXT = (
    in_paragraph(field(" MERGEFIELD Sent \\@ ", split('"dddd, ', 'd MMMM yyyy" '))),
    in_paragraph(
        "Dear ",
        field(" IF ", nested(" MERGEFIELD Gender "), ' = "F" "Ms" "Mr" ', result="Mr"),
        " ",
        field(" MERGEFIELD Family_name \\* FirstCap \\* MERGEFORMAT ", result=run("x", BOLD)),
        ",",
    ),
    in_paragraph(
        "You gave ",
        field(' MERGEFIELD Sum \\# "€ #,##0.00" '),
        field(" IF ", nested("MERGEFIELD Sum"), " >= 1000 ", code('", a great sum"', BOLD), ' "" '),
        field(' MERGEFIELD Purpose \\b " for " '),
        ".",
    ),
)
OTHERS = (
    table(["To", cell(in_paragraph(field(" MERGEFIELD City \\* Upper ")))]),
    text_box(in_paragraph(field(" MERGEFIELD Recipient_Name \\* Caps "))),
    in_paragraph("1 + 2 = ", field(" = 1 + 2 ", result="3")),
)
HEADER = in_paragraph(
    "Ref. ", simple(" MERGEFIELD M_2nd_ref "), mark("begin"), code(" MERGEFIELD City "), mark("end")
)
FOOTER = in_paragraph("Page ", field(" PAGE ", result="1"), " of ", simple(" NUMPAGES ", "1"))
MAIN_DOCUMENT = docx(
    "".join((*ADDRESS, *TEXT, *OTHERS)),
    header=HEADER,
    footer=FOOTER,
    more={"word/settings.xml": SETTINGS},
)

ANA: dict[str, TemplateValue] = {
    "recipient_name": "ana Ruiz",
    "street": "Calle Mayor 1",
    "line_2": "",
    "postal_code": "02134",
    "city": "Madrid",
    "land": "Spain",
    "sent": WorkbookValue("04.03.26", dt.date(2026, 3, 4)),
    "gender": "F",
    "family_name": "ruiz",
    "sum": WorkbookValue("1,234.5", 1234.5),
    "purpose": "the school",
    "m_2nd_ref": "A-1 ",
}
BO: dict[str, TemplateValue] = {
    **ANA,
    "recipient_name": "Bo Lind",
    "line_2": "Flat 2",
    "city": "Umeå",
    "land": "",
    "gender": "M",
    "family_name": "Lind",
    "sum": WorkbookValue("20", 20),
    "purpose": "",
}


def letter(person: dict[str, TemplateValue]) -> bytes:
    """Return the letter to a person."""
    columns = FieldsBySheet({"recipient": frozenset(ANA)})
    template = compile_template(parse_package(MAIN_DOCUMENT, "main.docx"), columns)
    return template.fill(freeze({"recipient": person, "language": "en"}))


def test_the_main_document_is_a_mail_merge_with_sample_data() -> None:
    shown = texts(MAIN_DOCUMENT)
    assert shown[0] == "Ana Ruiz"
    assert "Dear Mr x," in shown
    assert b"w:mailMerge" in members(MAIN_DOCUMENT)["word/settings.xml"]


def test_a_letter_has_the_same_text_as_words_mail_merge() -> None:
    assert texts(letter(ANA)) == [
        "ana Ruiz",
        "Calle Mayor 1",
        "02134 Madrid, Spain",
        "By air to SPAIN",
        "Wednesday, 4 March 2026",
        "Dear Ms Ruiz,",
        "You gave € 1,234.50, a great sum for the school.",
        "To",
        "MADRID",
        "",
        "",
        "Ana Ruiz",
        "1 + 2 = 3",
    ]
    assert texts(letter(ANA), "word/header.xml") == ["Ref. A-1 Madrid"]


def test_blank_address_lines_of_merge_fields_are_removed() -> None:
    shown = texts(letter(BO))
    assert shown[:4] == ["Bo Lind", "Calle Mayor 1", "Flat 2", "02134 Umeå, "]
    assert shown[4:7] == ["Wednesday, 4 March 2026", "Dear Mr Lind,", "You gave € 20.00."]


def test_fields_that_word_itself_computes_stay_in_the_letter() -> None:
    parts = members(letter(ANA))
    assert b" PAGE " in parts["word/footer.xml"]
    assert b" NUMPAGES " in parts["word/footer.xml"]
    assert b" = 1 + 2 " in parts["word/document.xml"]
    assert all(b"MERGEFIELD" not in data for data in parts.values())


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_libreoffice_shows_letters_from_words_main_document(tmp_path: Path) -> None:
    files = [tmp_path / "ana.docx", tmp_path / "bo.docx"]
    for file, person in zip(files, (ANA, BO), strict=True):
        file.write_bytes(letter(person))
    ana, bo = (" ".join(pdf_text(pdf).split()) for pdf in to_pdf(files, tmp_path))
    for words in (
        "Ref. A-1 Madrid",
        "ana Ruiz Calle Mayor 1 02134 Madrid, Spain By air to SPAIN",
        "Wednesday, 4 March 2026 Dear Ms Ruiz, You gave € 1,234.50, a great sum for the school.",
        "To MADRID",
        "Ana Ruiz",
        "1+2=3",
        "Page 1 of 1",
    ):
        assert words in ana
    assert "Bo Lind Calle Mayor 1 Flat 2 02134 Umeå, Wednesday" in bo
    assert "Dear Mr Lind, You gave € 20.00." in bo
    assert not any(sign in ana + bo for sign in "«»{}")
