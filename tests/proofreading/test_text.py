"""A letter's text as a reader sees it, and its changes by staff."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import pytest
from docx import Document
from support.documents import MAIN, block, docx, note, paragraph, run, table, text_box, zipped
from support.filled_letters import members
from support.office_programs import needs_libreoffice, resave
from support.proofread_letters import LINES, edit_letter, make_campaign

from merge.errors import TemplateError
from merge.ooxml.wordml import element_markup
from merge.proofreading.differences import ParagraphChange
from merge.proofreading.text import (
    LetterParagraph,
    LetterReader,
    read_paragraphs,
    read_parts,
    xml_parts,
)

ANA_LI = ("Ana Ruiz", "Minister Wei Li")


def texts(body: str) -> list[str]:
    """Return the text of a letter's paragraphs that are not blank."""
    paragraphs = read_paragraphs(read_parts(docx(body), "a.docx"))
    return [p.text for p in paragraphs if p.text.strip()]


def field(code: str, result: str, inner: str = "") -> str:
    """Return a field as Word writes it, in runs.

    `inner` is after its code and before its result.
    """
    marks = [f'<w:r><w:fldChar w:fldCharType="{k}"/></w:r>' for k in ("begin", "separate", "end")]
    begin = f"{marks[0]}<w:r><w:instrText>{code}</w:instrText></w:r>{inner}"
    return f"{begin}{marks[1]}{run(result)}{marks[2]}"


CONTROL = f"<w:sdt><w:sdtContent>{run('held')}</w:sdtContent></w:sdt>"
SIMPLE = f'<w:fldSimple w:instr="TITLE">{run("shown")}</w:fldSimple>'
DELETED = '<w:del w:id="1"><w:r><w:delText>gone</w:delText></w:r></w:del>'
NEW = f'<w:ins w:id="2">{run("new")}</w:ins>'
MOVED = f'<w:moveFrom w:id="3">{run("away")}</w:moveFrom>'
BODIES = {
    "runs": (paragraph("An", run("a ", "<w:b/>"), "Ruiz"), ["Ana Ruiz"]),
    "breaks and tabs": (paragraph(run("a\nb\tc")), ["a\nb\tc"]),
    "a content control": (paragraph("x ", CONTROL), ["x held"]),
    "a simple field": (paragraph("x ", SIMPLE), ["x shown"]),
    "a field": (paragraph("x ", field("REF a", "shown")), ["x shown"]),
    "a field in a field's code": (
        paragraph(field("IF ", "yes", inner=field("REF a", "no"))),
        ["yes"],
    ),
    "a page's number": (paragraph("page ", field(" PAGE ", "7")), ["page #"]),
    "a simple page's number": (
        paragraph("of ", f'<w:fldSimple w:instr="NUMPAGES">{run("9")}</w:fldSimple>'),
        ["of #"],
    ),
    "tracked changes": (paragraph("x", DELETED, NEW, MOVED), ["xnew"]),
    "a table": (table(["a", "b"], ["c", "d"]), ["a", "b", "c", "d"]),
    "a text box, once": (text_box("in\nthe box"), ["\ufffc", "in", "the box"]),
    "blanks that do not show": ("<w:p><w:r><w:t> x </w:t></w:r></w:p>", ["x"]),
    "a hyphen that does not break": (
        "<w:p><w:r><w:t>a</w:t><w:noBreakHyphen/><w:t>b</w:t></w:r></w:p>",
        ["a\u2011b"],
    ),
    "a page break": ('<w:p><w:r><w:t>a</w:t><w:br w:type="page"/></w:r></w:p>', ["a\f"]),
}


@pytest.mark.parametrize("body", BODIES)
def test_the_text_of_a_letter_is_what_a_reader_sees(body: str) -> None:
    xml, expected = BODIES[body]
    assert texts(xml) == expected


@pytest.mark.parametrize("body", BODIES)
def test_a_reader_of_many_letters_returns_the_text_of_each_alone(body: str) -> None:
    xml, _ = BODIES[body]
    around = (paragraph("above"), xml, table(["a", "b"]), xml, paragraph("below"))
    reader = LetterReader()
    for order in (around, around[::-1], around):  # blocks at other numbers, and again
        letter = docx("".join(order), header="top", footer=paragraph("end"))
        alone = read_paragraphs(read_parts(letter, "a.docx"))
        among = reader.read(xml_parts(letter, "a.docx"))
        assert among.paragraphs == alone
        assert [_runs(p) for p in among.paragraphs] == [_runs(p) for p in alone]
        assert _together(among.paragraphs) == _together(alone)
        assert bool(among.revised_parts) == (body == "tracked changes")


def _runs(paragraph_read: LetterParagraph) -> list[tuple[str, str]]:
    pieces = paragraph_read.read_markup().pieces
    return [
        ("" if properties is None else element_markup(properties), text)
        for properties, text in pieces
    ]


def _together(paragraphs: tuple[LetterParagraph, ...]) -> list[bool]:
    return [above.holder == below.holder for above, below in pairwise(paragraphs)]


def test_headers_are_read_first_and_footers_last() -> None:
    body = paragraph("body", note()) + paragraph(note("endnote"))
    letter = docx(body, header="top", footer="end", footnotes="note", endnotes="last")
    paragraphs = read_paragraphs(read_parts(letter, "a.docx"))
    assert [(p.part, p.text) for p in paragraphs if p.text] == [
        ("header", "top"),
        ("body", "body"),
        ("footnotes", "note"),
        ("endnotes", "last"),
        ("footer", "end"),
    ]


def test_paragraphs_of_a_letter_are_numbered_as_in_template_messages() -> None:
    paragraphs = read_paragraphs(read_parts(docx(text_box("in") + block("a\n\nb")), "a.docx"))
    assert [(p.number, p.text) for p in paragraphs] == [
        *((1, "\ufffc"), (2, "in"), (3, "a"), (4, ""), (5, "b")),
    ]


def test_a_file_that_is_not_a_word_document_is_refused() -> None:
    with pytest.raises(TemplateError):
        read_parts(b"x", "a.docx")


def changes(body: str, *edits: tuple[str, str]) -> list[ParagraphChange]:
    short_campaign = make_campaign(body)
    return list(
        short_campaign.review({ANA_LI: edit_letter(short_campaign.created(*ANA_LI), *edits)})[
            0
        ].changes
    )


SHORT = "Dear {{ recipient.name }},\nI ask you to free them all.\nThey did nothing.\nYours"


def test_a_changed_paragraph_is_reported_with_its_words() -> None:
    (change,) = changes(SHORT, ("them all", "us all now"))
    assert change == ParagraphChange(
        "body", 2, "I ask you to free them all.", "I ask you to free us all now."
    )
    assert [(kind, text) for kind, text in change.word_changes() if text] == [
        ("same", "I ask you to free"),
        ("gone", " them"),
        ("new", " us"),
        ("same", " all"),
        ("new", " now"),
        ("same", "."),
    ]


def test_an_added_or_removed_paragraph_is_reported() -> None:
    added = paragraph("They are in danger.")
    assert changes(SHORT, ("</w:p>", f"</w:p>{added}")) == [
        ParagraphChange("body", 2, "", "They are in danger.")
    ]
    assert changes(SHORT, ("They did nothing.", "")) == [
        ParagraphChange("body", 0, "They did nothing.", "")
    ]


def test_a_paragraph_added_before_a_changed_one_is_distinguished_from_it() -> None:
    differences = changes(
        SHORT, ("I ask you to free", "I beg you to free"), ("</w:p>", f"</w:p>{paragraph('New!')}")
    )
    assert differences == [
        ParagraphChange("body", 2, "", "New!"),
        ParagraphChange("body", 3, "I ask you to free them all.", "I beg you to free them all."),
    ]


def test_formats_and_blank_paragraphs_are_not_changes() -> None:
    bold = ("<w:r>", "<w:r><w:rPr><w:b/></w:rPr>")
    assert changes(SHORT, bold, ("</w:p>", "</w:p><w:p/>")) == []


def test_a_change_in_a_header_is_reported() -> None:
    headed = make_campaign(docx(SHORT, header="Appeal", footer="Free them"))
    data = edit_letter(headed.created(*ANA_LI), ("Appeal", "Appeal!"), part="word/header.xml")
    read = headed.review({ANA_LI: data})[0]
    assert read.changes == (ParagraphChange("header", 1, "Appeal", "Appeal!"),)


def test_a_letter_resaved_by_python_docx_has_no_problem() -> None:
    headed = make_campaign(docx(LINES, header="{{ signer.name }}"))
    saved = io.BytesIO()
    Document(io.BytesIO(headed.created(*ANA_LI))).save(saved)
    assert headed.problems({ANA_LI: saved.getvalue()}) == {}


@pytest.mark.slow
@needs_libreoffice
def test_a_letter_resaved_by_libreoffice_has_no_problem(tmp_path: Path) -> None:
    footer = paragraph("Page ", field("PAGE", "7"), " of ", field("NUMPAGES", "9"))
    body = text_box("{{ recipient.name }}\n{{ recipient.street }}") + block(LINES)
    resaved_campaign = make_campaign(
        docx(body + paragraph("x", note()), header="Top", footer=footer, footnotes="n")
    )
    letter = tmp_path / "letter.docx"
    letter.write_bytes(resaved_campaign.created(*ANA_LI))
    resave([letter], tmp_path / "saved")
    saved = letter.read_bytes()
    assert members(saved).keys() != members(resaved_campaign.created(*ANA_LI)).keys()
    assert resaved_campaign.problems({ANA_LI: saved}) == {}


def test_an_unreadable_part_makes_the_letter_unreadable() -> None:
    usual_campaign = make_campaign()
    files: dict[str, str | bytes] = dict(members(usual_campaign.created(*ANA_LI)))
    broken = zipped({**files, "word/document.xml": f"<w:document xmlns:w='{MAIN}'><w:t>x"})
    assert usual_campaign.problems({ANA_LI: broken}) == {
        "Ana Ruiz/Minister Wei Li.docx": [
            "proof-unreadable: The file cannot be read as a Word document."
        ]
    }
