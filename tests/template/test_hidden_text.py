"""Hidden text is in no letter, unless the workbook says so; what shows stays, and so do blocks."""

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


def made_of(body: str) -> bytes:
    return with_relations(
        styled(body),
        relation("p", "image", "media/image1.png"),
        more={"word/media/image1.png": PIXEL},
    )


@pytest.mark.parametrize("what", everyday(PLACES, of=range(12)))
def test_hidden_text_is_in_no_letter_and_is_told(what: str) -> None:
    made = made_of(PLACES[what])
    letter = fill(made, secret=WORD)
    assert [n for n, part in members(letter).items() if WORD.encode() in part] == []
    (problem,) = template(made).problems
    assert problem.code == "template-cleaned"
    assert "Hidden text: keep" in problem.hint
    assert defects(letter) == {}
    if "shown" in PLACES[what]:
        assert "shown" in "".join(texts(letter))


@pytest.mark.parametrize("what", everyday(PLACES, of=range(27)))
def test_hidden_text_stays_where_the_workbook_says_so(what: str) -> None:
    compiled = compile_template(parse_package(made_of(PLACES[what]), "a.docx"), keep_hidden=True)
    letter = compiled.fill(freeze({"secret": WORD}))
    assert WORD.encode() in b"".join(members(letter).values())
    assert not any("idden" in problem.what for problem in compiled.problems)


@pytest.mark.parametrize("part", ["header", "footer", "footnotes", "endnotes"])
def test_hidden_text_goes_out_of_every_part(part: str) -> None:
    own: dict[str, Any] = {part: paragraph(run("shown"), run(WORD, HIDDEN))}
    assert texts(fill(docx("x", **own)), f"word/{part}.xml") == ["shown"]


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
def test_what_shows_stays_as_it_is(what: str) -> None:
    made = styled(SHOWN[what])
    assert members(fill(made))[BODY] == members(made)[BODY]
    assert template(made).problems == ()


def test_everything_is_hidden_where_the_defaults_say_so() -> None:
    defaults = (
        "<w:docDefaults><w:rPrDefault><w:rPr><w:vanish/></w:rPr></w:rPrDefault></w:docDefaults>"
    )
    body = paragraph(WORD, run("shown", '<w:vanish w:val="0"/>'))
    assert texts(fill(styled(body, defaults))) == ["shown"]


@pytest.mark.parametrize(("vip", "shown"), [(True, ["a", "b", "c"]), (False, ["a", "c"])])
def test_tags_of_blocks_that_somebody_hid_still_decide(*, vip: bool, shown: list[str]) -> None:
    body = block("a") + paragraph(run("{%p if vip %}", HIDDEN)) + block("b")
    body += paragraph(run("{%p en", HIDDEN), run("dif %}", HIDDEN)) + block("c")
    assert texts(fill(body, vip=vip)) == shown


def test_a_hidden_row_with_a_tag_of_a_block_goes_with_its_block() -> None:
    rows = table(["{%tr for x in l|lines %}"], ["{{ x }}"], ["{%tr endfor %}"])
    rows = rows.replace("<w:tr>", "<w:tr><w:trPr><w:hidden/></w:trPr>", 1)
    assert texts(fill(rows, l="a\nb"))[:2] == ["a", "b"]


def test_a_note_goes_with_its_hidden_mark_and_other_notes_stay() -> None:
    hidden = note().replace("<w:r>", f"<w:r><w:rPr>{HIDDEN}</w:rPr>")
    letter = fill(docx(paragraph("x", hidden, note(number=2)), footnotes=f"{WORD}\nshown"))
    assert texts(letter, "word/footnotes.xml") == ["shown"]
    assert defects(letter) == {}


def test_a_hidden_picture_takes_its_bytes_along() -> None:
    body = paragraph(
        "x", picture(1, 'r:embed="p"').replace("<w:r>", f"<w:r><w:rPr>{HIDDEN}</w:rPr>")
    )
    assert PIXEL not in members(fill(made_of(body))).values()


@pytest.mark.parametrize("kind", ["first", "even"])
@pytest.mark.parametrize("used", [True, False])
def test_a_header_for_pages_that_there_are_not_goes(kind: str, *, used: bool) -> None:
    made = members(docx("x", header=WORD))
    body = made[BODY].decode().replace('w:type="default"', f'w:type="{kind}"')
    settings = (
        f'<w:settings xmlns:w="{MAIN}">{"<w:evenAndOddHeaders/>" if used else ""}</w:settings>'
    )
    body = body.replace("</w:sectPr>", "<w:titlePg/></w:sectPr>" if used else "</w:sectPr>")
    whole = zipped({**made, BODY: body, "word/settings.xml": settings})
    letter = fill(whole)
    assert ("word/header.xml" in members(letter)) == used
    assert defects(letter) == {}
    told = "".join(problem.what for problem in template(whole).problems)
    assert ("unused headers and footers of first or even pages" in told) != used


@pytest.mark.parametrize(
    ("own", "later", "stays"),
    [("", "<w:titlePg/>", True), ("", "", False), ("<w:titlePg/>", "", True)],
)
def test_a_first_header_stays_where_a_section_or_a_later_one_shows_it(
    own: str, later: str, *, stays: bool
) -> None:
    made = members(docx("x", header=WORD))
    body = made[BODY].decode().replace('w:type="default"', 'w:type="first"')
    at, end = body.rindex("<w:sectPr>"), body.rindex("</w:body>")
    section = body[at:end].replace("</w:sectPr>", f"{own}</w:sectPr>")
    first = f"<w:p><w:pPr>{section}</w:pPr></w:p>"
    whole = f"{body[:at]}{first}{block('y')}<w:sectPr>{later}</w:sectPr>{body[end:]}"
    letter = fill(zipped({**made, BODY: whole}))
    assert ("word/header.xml" in members(letter)) == stays
    assert defects(letter) == {}


def test_a_letter_of_a_campaign_keeps_hidden_text_if_a_row_of_settings_says_so(
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
"""What Word hides and LibreOffice does not."""
SHOWN_BY_MATH = {"a formula": "shown"}
"""What LibreOffice shows if its part Math is installed: what it shows without."""


@pytest.mark.slow
@pytest.mark.libreoffice
@needs_libreoffice
def test_letters_without_their_hidden_text_look_the_same(tmp_path: Path) -> None:
    """Rows that are hidden, and show what is not, are no rows any more."""
    others = {"a table's row", "the only row"} | SHOWN_BY_LIBREOFFICE
    places = {name: body for name, body in PLACES.items() if "{" not in body and name not in others}
    paths = []
    for number, body in enumerate(places.values()):
        made = made_of(body)
        for name, data in (("before", made), ("after", fill(made))):
            paths.append(tmp_path / f"{number:02} {name}.docx")
            paths[-1].write_bytes(data)
    pdfs = to_pdf(paths, tmp_path)
    shown = [" ".join(pdf_text(pdf).split()) for pdf in pdfs]
    both = zip(places, shown[::2], shown[1::2], strict=True)
    differ = [name for name, a, b in both if b != SHOWN_BY_MATH.get(name, a)]
    assert differ == []
