"""Hidden text is not in letters, unless the workbook says so.

Visible text and blocks stay.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.campaigns import letters, make, merge
from support.documents import (
    BODY,
    MAIN,
    block,
    docx,
    note,
    paragraph,
    run,
    table,
    zipped,
)
from support.docx_defects import defects
from support.everyday import everyday
from support.field_markup import code, mark
from support.filled_letters import fill, members, template, texts
from support.hidden_places import (
    HIDDEN,
    PLACES,
    WORD,
    control,
    grouped,
    in_style,
    in_table_style,
    old_box,
    shape,
    styled,
)
from support.marked_content import PIXEL, picture, relation
from support.marked_template import with_relations
from support.office_programs import needs_libreoffice, pdf_text, to_pdf

from merge.ooxml.package import parse_package
from merge.template.filters import freeze
from merge.template.template import compile_template


def document_with(body: str) -> bytes:
    return with_relations(
        styled(body),
        relation("p", "image", "media/image1.png"),
        more={"word/media/image1.png": PIXEL},
    )


@pytest.mark.parametrize("what", everyday(PLACES, daily=range(12)))
def test_hidden_text_is_not_in_letters_and_is_reported(what: str) -> None:
    document = document_with(PLACES[what])
    letter = fill(document, secret=WORD)
    assert [n for n, part in members(letter).items() if WORD.encode() in part] == []
    (problem,) = template(document).problems
    assert problem.code == "template-cleaned"
    assert "Hidden text: keep" in problem.hint
    assert defects(letter) == {}
    if "shown" in PLACES[what]:
        assert "shown" in "".join(texts(letter))


@pytest.mark.parametrize("what", everyday(PLACES, daily=range(27)))
def test_hidden_text_stays_if_the_workbook_says_so(what: str) -> None:
    compiled = compile_template(
        parse_package(document_with(PLACES[what]), "a.docx"), keep_hidden=True
    )
    letter = compiled.fill(freeze({"secret": WORD}))
    assert WORD.encode() in b"".join(members(letter).values())
    assert not any("idden" in problem.what for problem in compiled.problems)


@pytest.mark.parametrize("part", ["header", "footer", "footnotes", "endnotes"])
def test_hidden_text_is_removed_from_every_part(part: str) -> None:
    parts: dict[str, Any] = {part: paragraph(run("shown"), run(WORD, HIDDEN))}
    assert texts(fill(docx("x", **parts)), f"word/{part}.xml") == ["shown"]


EMPTY = "<w:tc><w:p/></w:tc>"
SHOWN = {
    "switched off": paragraph(run("shown", '<w:vanish w:val="0"/>')),
    "switched off in words": paragraph(run("shown", '<w:vanish w:val="false"/>')),
    "a style that shows again": in_style("Back", "shown"),
    "a run over a style that hides": in_style("Off", run("shown", '<w:vanish w:val="0"/>')),
    "two styles that hide": in_style("Off", run("shown", '<w:rStyle w:val="offchar"/>')),
    "a style based on itself": in_style("Round", "shown"),
    "no such style": in_style("Nowhere", "shown"),
    "hidden on the web": paragraph(run("shown", "<w:webHidden/>")),
    "a paragraph mark": paragraph("shown").replace(
        "<w:p>", "<w:p><w:pPr><w:rPr><w:vanish/><w:specVanish/></w:rPr></w:pPr>"
    ),
    "the code of a field": paragraph(
        mark("begin", HIDDEN),
        code(" REF a ", HIDDEN),
        mark("separate", HIDDEN),
        "shown",
        mark("end", HIDDEN),
    ),
    "a row that says 0": table(["shown"]).replace(
        "<w:tr>", '<w:tr><w:trPr><w:hidden w:val="0"/></w:trPr>'
    ),
    "a first row that the table does not want": in_table_style(
        "offparts", table(["shown"], ["b"]), 'w:val="0400"'
    ),
    "a second row": in_table_style("offparts", table([EMPTY], ["shown"])),
    "a corner that shows again": in_table_style(
        "offparts", table([EMPTY, "shown"], ["a", EMPTY]), 'w:val="0120"'
    ),
    "a shape that shows": grouped(shape("shown", 'hidden="0"')),
    "an old drawing that shows": paragraph(
        f"<w:r><w:pict>{old_box('shown', 'visibility:visible')}</w:pict></w:r>"
    ),
    "the chosen one of a list": control(
        '<w:dropDownList><w:listItem w:displayText="shown" w:value="shown"/></w:dropDownList>',
        "shown",
    ),
}


@pytest.mark.parametrize("what", SHOWN)
def test_visible_text_stays_unchanged(what: str) -> None:
    document = styled(SHOWN[what])
    assert members(fill(document))[BODY] == members(document)[BODY]
    assert template(document).problems == ()


def test_text_hidden_by_the_default_style_is_removed() -> None:
    defaults = (
        "<w:docDefaults><w:rPrDefault><w:rPr><w:vanish/></w:rPr></w:rPrDefault></w:docDefaults>"
    )
    body = paragraph(WORD, run("shown", '<w:vanish w:val="0"/>'))
    assert texts(fill(styled(body, defaults))) == ["shown"]


@pytest.mark.parametrize(("vip", "shown"), [(True, ["a", "b", "c"]), (False, ["a", "c"])])
def test_hidden_tags_of_blocks_keep_their_effect(*, vip: bool, shown: list[str]) -> None:
    body = block("a") + paragraph(run("{%p if vip %}", HIDDEN)) + block("b")
    body += paragraph(run("{%p en", HIDDEN), run("dif %}", HIDDEN)) + block("c")
    assert texts(fill(body, vip=vip)) == shown


def test_a_hidden_row_with_a_blocks_tag_is_removed_with_its_block() -> None:
    rows = table(["{%tr for x in l|lines %}"], ["{{ x }}"], ["{%tr endfor %}"])
    rows = rows.replace("<w:tr>", "<w:tr><w:trPr><w:hidden/></w:trPr>", 1)
    assert texts(fill(rows, l="a\nb"))[:2] == ["a", "b"]


def test_a_note_is_removed_with_its_hidden_mark_and_other_notes_stay() -> None:
    hidden = note().replace("<w:r>", f"<w:r><w:rPr>{HIDDEN}</w:rPr>")
    letter = fill(docx(paragraph("x", hidden, note(number=2)), footnotes=f"{WORD}\nshown"))
    assert texts(letter, "word/footnotes.xml") == ["shown"]
    assert defects(letter) == {}


def test_a_hidden_picture_is_removed_with_its_bytes() -> None:
    body = paragraph(
        "x", picture(1, 'r:embed="p"').replace("<w:r>", f"<w:r><w:rPr>{HIDDEN}</w:rPr>")
    )
    assert PIXEL not in members(fill(document_with(body))).values()


@pytest.mark.parametrize("kind", ["first", "even"])
@pytest.mark.parametrize("used", [True, False])
def test_a_header_for_pages_that_do_not_exist_is_removed(kind: str, *, used: bool) -> None:
    parts = members(docx("x", header=WORD))
    body = parts[BODY].decode().replace('w:type="default"', f'w:type="{kind}"')
    settings = (
        f'<w:settings xmlns:w="{MAIN}">{"<w:evenAndOddHeaders/>" if used else ""}</w:settings>'
    )
    body = body.replace("</w:sectPr>", "<w:titlePg/></w:sectPr>" if used else "</w:sectPr>")
    document = zipped({**parts, BODY: body, "word/settings.xml": settings})
    letter = fill(document)
    assert ("word/header.xml" in members(letter)) == used
    assert defects(letter) == {}
    messages = "".join(problem.what for problem in template(document).problems)
    assert ("unused headers and footers of first or even pages" in messages) != used


@pytest.mark.parametrize(
    ("first_section", "later", "stays"),
    [("", "<w:titlePg/>", True), ("", "", False), ("<w:titlePg/>", "", True)],
)
def test_a_first_page_header_stays_if_its_section_or_a_later_one_shows_it(
    first_section: str, later: str, *, stays: bool
) -> None:
    parts = members(docx("x", header=WORD))
    body = parts[BODY].decode().replace('w:type="default"', 'w:type="first"')
    start, end = body.rindex("<w:sectPr>"), body.rindex("</w:body>")
    section = body[start:end].replace("</w:sectPr>", f"{first_section}</w:sectPr>")
    first_paragraph = f"<w:p><w:pPr>{section}</w:pPr></w:p>"
    new_body = (
        f"{body[:start]}{first_paragraph}{block('y')}<w:sectPr>{later}</w:sectPr>{body[end:]}"
    )
    letter = fill(zipped({**parts, BODY: new_body}))
    assert ("word/header.xml" in members(letter)) == stays
    assert defects(letter) == {}


def test_a_campaigns_letter_keeps_hidden_text_if_the_setting_says_so(
    tmp_path: Path,
) -> None:
    body = docx(paragraph("Dear {{ recipient.name }}, ", run(WORD, HIDDEN)))
    folder = make(tmp_path, body)
    ran = merge("letters", folder)
    assert ran.err.count("Removed from the letters: hidden text.") == 1
    paths = letters(folder).values()
    assert not any(WORD.encode() in members(p.read_bytes())[BODY] for p in paths)
    make(folder, body, Settings=[["Name", "Value"], ["Hidden text", "keep"]])
    ran = merge("letters", folder)
    assert "hidden text" not in ran.err
    assert "4 updated" in ran.out
    assert all(WORD.encode() in members(p.read_bytes())[BODY] for p in paths)


SHOWN_BY_LIBREOFFICE = {
    *("a shape of a group", "a group with what stands for it", "an old shape of a group"),
    *("a drawing with what stands for it", "an old drawing", "a row hidden by a table style"),
    "a last column by a table style that is based on one",
}
"""Content that Word hides and LibreOffice does not."""
SHOWN_BY_MATH = {"a formula": "shown"}
"""Texts that LibreOffice shows with its Math
component, by those without it."""


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_letters_without_their_hidden_text_look_the_same(tmp_path: Path) -> None:
    """Hidden rows that LibreOffice shows are removed as well."""
    others = {"a table's row", "the only row"} | SHOWN_BY_LIBREOFFICE
    places = {name: body for name, body in PLACES.items() if "{" not in body and name not in others}
    paths = []
    for number, body in enumerate(places.values()):
        document = document_with(body)
        for name, data in (("before", document), ("after", fill(document))):
            paths.append(tmp_path / f"{number:02} {name}.docx")
            paths[-1].write_bytes(data)
    pdfs = to_pdf(paths, tmp_path)
    shown = [" ".join(pdf_text(pdf).split()) for pdf in pdfs]
    both = zip(places, shown[::2], shown[1::2], strict=True)
    differ = [name for name, a, b in both if b != SHOWN_BY_MATH.get(name, a)]
    assert differ == []
