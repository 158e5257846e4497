"""A letter contains only what its template shows.

Removed content is reported once.
"""

from __future__ import annotations

import functools
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from support import campaigns
from support.documents import (
    BODY,
    MAIN,
    OFFICE,
    WORD,
    block,
    docx,
    note,
    paragraph,
    run,
    table,
    text_box,
)
from support.docx_defects import defects
from support.docx_validation import findings
from support.filled_letters import W, fill, members, problem_texts, root, template, texts
from support.marked_content import MARKS, PIXEL, field, picture, relation, relations
from support.marked_template import marked_template, with_relations
from support.office_programs import needs_libreoffice, pdf_text, to_pdf
from support.pictures_with_metadata import MARK as PICTURE_MARK
from support.pictures_with_metadata import OTHER_KINDS, PICTURES

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
REPORTED_KINDS = [
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
def test_confidential_content_is_in_the_template_but_not_in_the_letter(what: str) -> None:
    word = MARKS[what].encode()
    assert any(word in part for part in members(TEMPLATE).values())
    assert [name for name, part in members(letter()).items() if word in part] == []
    assert word not in letter()


def test_more_than_seventy_kinds_of_confidential_content_are_marked() -> None:
    """They include 28 of support/marked_content.py.

    Deleted words are not among them, because they are refused.
    """
    assert len(set(MARKS.values())) == len(MARKS) > 70


def test_visible_content_of_the_template_stays() -> None:
    assert texts(letter()) == SHOWN


def test_embedded_pictures_stay_and_linked_pictures_are_removed() -> None:
    body = root(letter())
    assert [len(blip.attrib) for blip in body.iter(BLIP)] == [1, 1]
    assert len(list(body.iter(IMAGE))) == 3
    assert members(letter())["word/media/image1.png"] == PIXEL


def test_only_parts_that_a_letter_needs_stay() -> None:
    assert members(letter()).keys() == PARTS


def test_only_links_of_a_letter_lead_outside() -> None:
    for name, part in members(letter()).items():
        if name.endswith(".rels"):
            outside = [r for r in root(letter(), name) if r.get("TargetMode") == "External"]
            assert [str(r.get("Target")) for r in outside] == (
                ["https://www.example.org/"] if b"example.org" in part else []
            )


def test_a_cleaned_letter_opens_and_is_valid(tmp_path: Path) -> None:
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


def test_removed_content_is_reported_in_one_warning_of_the_template() -> None:
    (problem,) = template(TEMPLATE).problems
    assert (problem.code, problem.level) == ("template-cleaned", "warning")
    assert problem.what == f"Removed from the letters: {', '.join(sorted(REPORTED_KINDS))}."


def test_removed_content_without_use_is_not_reported() -> None:
    """Names, revision IDs, thumbnails, printer settings: no letter needs them."""
    revised = docx("<w:p w:rsidR='0BADC0DE'><w:r><w:t>x</w:t></w:r></w:p>", title="T")
    assert template(revised).problems == ()


def test_the_shipped_template_loses_no_content() -> None:
    assert read_template(ROOT / "templates" / "appeal.docx").problems == ()


def test_removed_content_is_reported_once_however_many_letters_are_created(tmp_path: Path) -> None:
    campaign = campaigns.make(tmp_path, marked_template(name="recipient.name"))
    ran = campaigns.merge("letters", campaign)
    assert ran.code == 0, ran.err
    assert len(campaigns.letters(campaign)) >= 4
    assert (ran.out + ran.err).count("Removed from the letters") == 1


@pytest.mark.parametrize("what", TRACKED)
def test_a_tracked_change_is_an_error_at_its_paragraph(what: str) -> None:
    messages = problem_texts(docx(block("first") + TRACKED[what]))
    assert "paragraph 2" in messages
    assert "accept or reject" in messages
    assert "Zq" not in messages


@pytest.mark.parametrize("part", ["header", "footer", "footnotes", "endnotes"])
def test_a_tracked_change_is_an_error_in_every_part(part: str) -> None:
    parts: dict[str, Any] = {part: TRACKED["deleted words"]}
    document = docx(paragraph("x", note(), note("endnote")), **parts)
    assert f"{part.removesuffix('s')}" in problem_texts(document)


def test_comments_are_removed_and_the_words_they_refer_to_stay() -> None:
    assert "Commented" in texts(letter())
    assert not list(root(letter()).iter(f"{W}commentReference"))


def test_every_part_with_tags_is_cleaned() -> None:
    fetching = field(" INCLUDETEXT zqpath ", "shown")
    letter = fill(docx("x", header=paragraph("{{ name }} ", fetching)), name="Ann")
    assert texts(letter, "word/header.xml") == ["Ann shown"]
    assert b"zqpath" not in members(letter)["word/header.xml"]


def test_a_part_without_removed_content_keeps_its_bytes() -> None:
    names = {"word/fontTable.xml", "word/theme.xml"}
    before, after = members(TEMPLATE), members(letter())
    assert {name for name in names if before[name] == after[name]} == names


def test_a_template_without_a_tag_keeps_its_text_part() -> None:
    document = docx("No tag here", header="nor here", footnotes="nor here")
    before, after = members(document), members(fill(document))
    assert {n: after[n] for n in before if n.startswith("word/")} == {
        n: part for n, part in before.items() if n.startswith("word/")
    }


def test_a_picture_is_kept_byte_for_byte_in_a_part_without_tags() -> None:
    document = with_relations(
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
    assert members(fill(document))[BODY] == members(document)[BODY]


def pictured(data: bytes) -> bytes:
    """Return a template that shows a picture in two paragraphs."""
    shown = picture(1, 'r:embed="p"')
    return with_relations(
        docx(block("first") + paragraph("Yours ", shown) + paragraph(shown)),
        relation("p", "image", "media/Zqname.emf"),
        more={"word/media/Zqname.emf": data},
        types='<Default Extension="emf" ContentType="image/x-emf"/>',
    )


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_picture_whose_metadata_stays_is_a_warning_at_each_of_its_places(kind: str) -> None:
    problems = template(pictured(OTHER_KINDS[kind])).problems
    assert {(p.code, p.level) for p in problems} == {("picture-not-cleaned", "warning")}
    assert [p.place.paragraph for p in problems] == [2, 3]
    assert all("Zqname.emf" in p.what and "PNG" in p.hint for p in problems)
    assert members(fill(pictured(OTHER_KINDS[kind])))["word/media/image1.emf"] == OTHER_KINDS[kind]


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_that_is_cleaned_is_no_warning(kind: str) -> None:
    assert template(pictured(PICTURES[kind])).problems == ()
    assert PICTURE_MARK not in members(fill(pictured(PICTURES[kind])))["word/media/image1.emf"]


BULLETS = (
    f"<w:numbering xmlns:w='{MAIN}' xmlns:r='{OFFICE}' xmlns:v='urn:schemas-microsoft-com:vml'>"
    "<w:numPicBullet w:numPicBulletId='0'><w:pict><v:shape><v:imagedata r:id='p'/></v:shape>"
    "</w:pict></w:numPicBullet></w:numbering>"
)


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ("document", "a.docx, paragraph 2"),
        ("header", "a.docx, header line “Top” (paragraph 1)"),
        ("numbering", "a.docx"),
    ],
)
def test_a_picture_that_stays_is_a_warning_wherever_it_is_in_the_template(
    part: str, place: str
) -> None:
    shown = picture(1, 'r:embed="p"')
    body = text_box(paragraph(shown)) if part == "document" else "x"
    image = relation("p", "image", "media/image1.emf")
    document = with_relations(
        docx(body, header=paragraph("Top", shown if part == "header" else "")),
        relation("numbers", "numbering", "numbering.xml"),
        image if part == "document" else "",
        more={
            "word/media/image1.emf": OTHER_KINDS["EMF"],
            "word/numbering.xml": BULLETS,
            **({} if part == "document" else {f"word/_rels/{part}.xml.rels": relations(image)}),
        },
        types='<Default Extension="emf" ContentType="image/x-emf"/><Override PartName='
        f'"/word/numbering.xml" ContentType="{WORD}.numbering+xml"/>',
    )
    (problem,) = template(document).problems
    assert (problem.code, str(problem.place)) == ("picture-not-cleaned", place)
