"""A letter carries what its template shows and nothing else; what goes is told once."""

from __future__ import annotations

import functools
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from support import campaigns
from support.documents import BODY, block, docx, note, paragraph, run, table
from support.docx_defects import defects
from support.docx_validation import findings
from support.filled_letters import W, fill, members, root, said, template, texts
from support.marked_content import MARKS, PIXEL, field, picture, relation
from support.marked_template import marked_template, with_relations
from support.office_programs import needs_libreoffice, pdf_text, to_pdf

from merge.template.template import read_template

TEMPLATE = marked_template()
ROOT = Path(__file__).resolve().parents[2]
BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
IMAGE = "{urn:schemas-microsoft-com:vml}imagedata"
PARTS = {
    *("[Content_Types].xml", "_rels/.rels", "docProps/core.xml", "docProps/custom.xml"),
    *("word/document.xml", "word/styles.xml", "word/settings.xml", "word/fontTable.xml"),
    *("word/theme.xml", "word/media/image1.png"),
    *("word/_rels/document.xml.rels", "word/_rels/settings.xml.rels"),
}
SHOWN = [
    *("Dear Ann,", "Commented", "Bold", "In a table", "", "Free to edit", "", "Remote", "", "", ""),
    "In a control.",
    (
        "shown of DDEAUTO shown of DDE shown of INCLUDETEXT shown of INCLUDEPICTURE "
        "shown of LINK shown of DATABASE inner result"
    ),
    *("Our page", ""),
]
TOLD = [
    *("comments", "macros", "embedded objects", "fields that fetch data from elsewhere (7)"),
    *("linked pictures", "a subdocument", "file paths"),
    *("the link to its Word template", "the link to its mail-merge data"),
    "controls that run code",
]
WHO = 'w:id="9" w:author="Zqauthor" w:date="2020-01-01T00:00:00Z"'
MARK = f"<w:p><w:pPr><w:rPr><w:{{}} {WHO}/></w:rPr></w:pPr>{run('x')}</w:p>"
ROW = table(["x"]).replace("<w:tr>", f"<w:tr><w:trPr><w:{{}} {WHO}/></w:trPr>")
CELL = table(["x"]).replace("</w:tcPr>", f"<w:{{}} {WHO}/></w:tcPr>")
TRACKED = {
    "inserted words": paragraph(f"<w:ins {WHO}>{run('x')}</w:ins>"),
    "deleted words": paragraph(f"<w:del {WHO}><w:r><w:delText>Zqdeleted</w:delText></w:r></w:del>"),
    "words moved away": paragraph(f"<w:moveFrom {WHO}>{run('Zqmoved')}</w:moveFrom>"),
    "words moved here": paragraph(f"<w:moveTo {WHO}>{run('x')}</w:moveTo>"),
    "an inserted paragraph mark": MARK.format("ins"),
    "a deleted paragraph mark": MARK.format("del"),
    "an inserted row": ROW.format("ins"),
    "a deleted row": ROW.format("del"),
    "an inserted cell": CELL.format("cellIns"),
    "a deleted cell": CELL.format("cellDel"),
}


@functools.cache
def letter() -> bytes:
    return fill(TEMPLATE, name="Ann")


@pytest.mark.parametrize("what", MARKS)
def test_what_must_not_get_out_is_in_the_template_and_not_in_the_letter(what: str) -> None:
    word = MARKS[what].encode()
    assert any(word in part for part in members(TEMPLATE).values())
    assert [name for name, part in members(letter()).items() if word in part] == []
    assert word not in letter()


def test_more_than_seventy_things_are_marked() -> None:
    """Among them the 28 of support/marked_content.py, less deleted words, which are refused."""
    assert len(set(MARKS.values())) == len(MARKS) > 70


def test_what_the_template_shows_stays() -> None:
    assert texts(letter()) == SHOWN


def test_pictures_that_lie_in_the_template_stay_and_those_that_lie_elsewhere_go() -> None:
    body = root(letter())
    assert [len(blip.attrib) for blip in body.iter(BLIP)] == [1, 1]
    assert len(list(body.iter(IMAGE))) == 3
    assert members(letter())["word/media/image1.png"] == PIXEL


def test_nothing_is_left_of_parts_but_those_that_a_letter_needs() -> None:
    assert members(letter()).keys() == PARTS


def test_no_letter_leads_outside_but_by_its_links() -> None:
    for name, part in members(letter()).items():
        if name.endswith(".rels"):
            outside = [r for r in root(letter(), name) if r.get("TargetMode") == "External"]
            assert [str(r.get("Target")) for r in outside] == (
                ["https://www.example.org/"] if b"example.org" in part else []
            )


def test_a_cleaned_letter_opens_and_is_sound(tmp_path: Path) -> None:
    assert Document(io.BytesIO(letter())).paragraphs[0].text == "Dear Ann,"
    assert findings(tmp_path, letter()) - findings(tmp_path, TEMPLATE) == Counter()
    assert defects(letter()) == Counter()


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_libreoffice_prints_a_cleaned_letter(tmp_path: Path) -> None:
    path = tmp_path / "letter.docx"
    path.write_bytes(letter())
    shown = "".join(pdf_text(to_pdf([path], tmp_path)[0]).split())
    for text in ("".join(text.split()) for text in SHOWN):
        assert text in shown


def test_what_went_is_told_in_one_warning_of_the_template() -> None:
    (problem,) = template(TEMPLATE).problems
    assert (problem.code, problem.level) == ("template-cleaned", "warning")
    assert problem.what == f"Removed from the letters: {', '.join(sorted(TOLD))}."


def test_what_nobody_misses_is_not_told() -> None:
    """Names, revision ids, thumbnails, printer settings: no letter is poorer for it."""
    revised = docx("<w:p w:rsidR='0BADC0DE'><w:r><w:t>x</w:t></w:r></w:p>", title="T")
    assert template(revised).problems == ()


def test_the_shipped_template_loses_nothing() -> None:
    assert read_template(ROOT / "templates" / "appeal.docx").problems == ()


def test_a_run_tells_once_what_went_however_many_letters_it_writes(tmp_path: Path) -> None:
    campaign = campaigns.make(tmp_path, marked_template(name="recipient.name"))
    ran = campaigns.merge("letters", campaign)
    assert ran.code == 0, ran.err
    assert len(campaigns.letters(campaign)) >= 4
    assert (ran.out + ran.err).count("Removed from the letters") == 1


@pytest.mark.parametrize("what", TRACKED)
def test_a_tracked_change_is_an_error_at_its_paragraph(what: str) -> None:
    told = said(docx(block("first") + TRACKED[what]))
    assert "paragraph 2" in told
    assert "accept or reject" in told
    assert "Zq" not in told


@pytest.mark.parametrize("part", ["header", "footer", "footnotes", "endnotes"])
def test_a_tracked_change_is_found_in_every_part(part: str) -> None:
    own: dict[str, Any] = {part: TRACKED["deleted words"]}
    made = docx(paragraph("x", note(), note("endnote")), **own)
    assert f"{part.removesuffix('s')}" in said(made)


def test_comments_go_and_the_words_they_stood_at_stay() -> None:
    assert "Commented" in texts(letter())
    assert not list(root(letter()).iter(f"{W}commentReference"))


def test_every_other_part_with_tags_is_cleaned_as_well() -> None:
    fetching = field(" INCLUDETEXT zqpath ", "shown")
    letter = fill(docx("x", header=paragraph("{{ name }} ", fetching)), name="Ann")
    assert texts(letter, "word/header.xml") == ["Ann shown"]
    assert b"zqpath" not in members(letter)["word/header.xml"]


def test_a_part_of_which_nothing_goes_keeps_its_bytes_beside_parts_that_are_cleaned() -> None:
    kept = {"word/fontTable.xml", "word/theme.xml"}
    before, after = members(TEMPLATE), members(letter())
    assert {name for name in kept if before[name] == after[name]} == kept


def test_a_template_without_a_tag_gives_the_same_text_part() -> None:
    made = docx("No tag here", header="nor here", footnotes="nor here")
    before, after = members(made), members(fill(made))
    assert {n: after[n] for n in before if n.startswith("word/")} == {
        n: part for n, part in before.items() if n.startswith("word/")
    }


def test_a_picture_is_kept_byte_for_byte_in_a_part_without_tags() -> None:
    made = with_relations(
        docx(
            paragraph(
                picture(1, 'r:embed="p"', "Object 1").replace(
                    '0" name="Object 1', '0" name="Object 0'
                )
            )
        ),
        relation("p", "image", "media/image1.png"),
        more={"word/media/image1.png": PIXEL},
    )
    assert members(fill(made))[BODY] == members(made)[BODY]
