"""Content that a stranger hides in a template, as Word never writes it."""

from __future__ import annotations

import io

import pytest
from docx import Document
from support.documents import BODY, MAIN, OFFICE, WORD, docx, paragraph, run, zipped
from support.docx_defects import defects
from support.filled_letters import fill, members, problem_texts, template, texts
from support.marked_content import MS, PIXEL, SPACES, field, old_picture, picture, relation
from support.marked_template import with_relations

CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
MARK = "Zqhidden"
URL = f"http://{MARK}.example/x.png"
PATH = f"C:\\Users\\{MARK}\\logo.png"
WHO = f'w:id="9" w:author="{MARK}" w:date="2020-01-01T00:00:00Z"'
W14 = f'xmlns:w14="{MS}/word/2010/wordml"'
BEGIN, SEPARATE, END = (
    f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")
)


def code(text: str) -> str:
    return f'<w:r><w:instrText xml:space="preserve">{text}</w:instrText></w:r>'


def linked(body: str, kind: str = "hyperlink", *, outside: bool = True, target: str = URL) -> bytes:
    """Return a template with one relationship, `x`, and a picture in it, `p`."""
    return with_relations(
        docx(paragraph("shown ") + body),
        relation("x", kind, target, outside=outside),
        relation("p", "image", "media/p.png"),
        more={"word/media/p.png": PIXEL},
    )


def drawn(inner: str) -> str:
    """Return a drawing as a run."""
    return picture(1, 'r:embed="p"').replace("<pic:pic>", f"{inner}<pic:pic>")


BY_ADDRESS = {
    "a:blip r:link": paragraph(picture(1, 'r:link="x"')),
    "a:blip r:embed": paragraph(picture(1, 'r:embed="x"')),
    "v:imagedata r:id": paragraph(old_picture('r:id="x"')),
    "v:imagedata r:href": paragraph(old_picture('r:id="p" r:href="x"')),
    "w:subDoc": '<w:p><w:subDoc r:id="x"/></w:p>',
    "w:movie": paragraph('<w:r><w:object><w:movie r:id="x"/></w:object></w:r>'),
    "a:videoFile": paragraph(drawn('<a:videoFile r:link="x"/>')),
}
"""Elements that fetch, with a relationship that says it is a hyperlink."""

WITHOUT = {
    "v:imagedata src": paragraph(old_picture(f'src="{URL}"')),
    "v:imagedata o:href": paragraph(old_picture(f'o:href="{URL}"')),
    "v:fill src": paragraph(
        old_picture('r:id="p"').replace("<v:im", f'<v:fill src="{URL}"/><v:im')
    ),
    "an online video": paragraph(
        drawn(
            f'<wp15:webVideoPr xmlns:wp15="{MS}/word/2012/wordprocessingDrawing"'
            f' embeddedHtml="&lt;iframe src=&quot;{URL}&quot;/&gt;"/>'
        )
    ),
}
INVISIBLE = {
    "a path in an alt text": paragraph(picture(1, 'r:embed="p"', "P", f"Description: {PATH}")),
    "a share's path": paragraph(picture(1, 'r:embed="p"', f"\\\\server\\{MARK}\\x.png")),
    "a path in VML's alt": paragraph(old_picture('r:id="p"', f'alt="Description: {PATH}"')),
    "a path in VML's title": paragraph(old_picture(f'r:id="p" o:title="{PATH}"')),
    "an XML comment": f"<!-- {MARK} -->",
    "a processing instruction": f"<w:p><?word {MARK}?></w:p>",
    "a smart tag": paragraph(
        '<w:smartTag w:uri="urn:x" w:element="Name"><w:smartTagPr><w:attr w:name="a"'
        f' w:val="{MARK}"/></w:smartTagPr>{run("kept")}</w:smartTag>'
    ),
    "custom XML": f'<w:customXml w:uri="{MARK}" w:element="x"><w:customXmlPr><w:attr w:name="a"'
    f' w:val="{MARK}"/></w:customXmlPr>{paragraph("kept")}</w:customXml>',
    **{
        f"w:{name}": paragraph(f'<w:{name}Start {WHO}/><w:{name}End w:id="9"/>')
        for name in (
            *("customXmlInsRange", "customXmlDelRange", "customXmlMoveFromRange"),
            *("customXmlMoveToRange", "moveFromRange", "moveToRange"),
        )
    },
    "a linked object": paragraph(
        f'<w:r><w:object><w:objectLink w:progId="{MARK}" r:id="p" w:fieldCodes="{MARK}"'
        ' w:updateMode="always"/></w:object></w:r>'
    ),
}
FIELDS = {
    "a keyword in quotes": paragraph(field(f' "DDEAUTO" {MARK} ', "kept")),
    "a keyword in capitals and small letters": paragraph(field(f" iNcLuDeTeXt {MARK} ", "kept")),
    "a code over paragraphs": f"<w:p>{BEGIN}{code('INCLUDE')}</w:p>"
    f"<w:p>{code(f'TEXT {MARK}')}{SEPARATE}{run('kept')}{END}</w:p>",
    "no result": paragraph(BEGIN, code(f" DDE {MARK} "), END),
    "an end that lacks": paragraph(BEGIN, code(f" INCLUDETEXT {MARK} "), SEPARATE, run("kept")),
    "data in the mark": paragraph(
        BEGIN.replace("/></w:r>", f"><w:fldData>{MARK}</w:fldData></w:fldChar></w:r>"),
        *(code(" INCLUDETEXT x "), SEPARATE, run("kept"), END),
    ),
    "a field in the code": paragraph(
        BEGIN, code(" DDE "), field(f" REF {MARK} ", "hidden"), code(" x "), SEPARATE, "kept", END
    ),
    "a simple field in the code": paragraph(
        *(BEGIN, code(" INCLUDETEXT ")),
        f'<w:fldSimple w:instr=" REF {MARK} ">{run("hidden")}</w:fldSimple>',
        *(SEPARATE, "kept", END),
    ),
    "a simple field in a simple field": paragraph(
        f'<w:fldSimple w:instr="DDE a"><w:fldSimple w:instr="DDE {MARK}">{run("kept")}'
        "</w:fldSimple></w:fldSimple>"
    ),
}
BY_ANOTHER_NAME = {
    "macros as a picture": ("image", "vbaProject.bin", MARK),
    "macros by an inner hyperlink": ("hyperlink", "vbaProject.bin", MARK),
    "comments as a header": (
        "header",
        "comments.xml",
        f'<w:comments xmlns:w="{MAIN}"><w:comment w:id="1" w:author="{MARK}"/></w:comments>',
    ),
    "an object as a font": ("font", "embeddings/oleObject1.bin", MARK),
}


def left(letter: bytes) -> list[str]:
    """Return the parts that still contain the mark."""
    return [name for name, part in members(letter).items() if MARK.encode() in part]


@pytest.mark.parametrize("what", BY_ADDRESS)
def test_an_element_that_fetches_by_a_disguised_relationship_is_removed(what: str) -> None:
    letter = fill(linked(BY_ADDRESS[what]))
    assert left(letter) == []
    assert texts(letter)[0] == "shown "


@pytest.mark.parametrize("what", WITHOUT)
def test_an_element_that_fetches_without_a_relationship_is_removed(what: str) -> None:
    letter = fill(linked(WITHOUT[what], target="https://www.example.org/"))
    assert left(letter) == []
    assert texts(letter)[0] == "shown "


@pytest.mark.parametrize("what", ["r:link", "r:embed"])
def test_a_linked_picture_is_reported_however_it_is_linked(what: str) -> None:
    (problem,) = template(linked(paragraph(picture(1, f'{what}="x"')))).problems
    assert "linked pictures" in problem.what


def test_links_of_text_and_pictures_stay() -> None:
    text = f'<w:hyperlink r:id="x">{run("link")}</w:hyperlink>'
    clicked = picture(1, 'r:embed="p"').replace(
        'descr=""/>', 'descr=""><a:hlinkClick r:id="x"/></wp:docPr>', 1
    )
    letter = fill(linked(paragraph(text, clicked), target="https://www.example.org/"))
    assert members(letter)[BODY].count(b'r:id="x"') == 2
    assert defects(letter) == {}


@pytest.mark.parametrize("what", INVISIBLE)
def test_invisible_content_is_removed_and_visible_content_stays(what: str) -> None:
    document = linked(INVISIBLE[what], target="https://www.example.org/")
    assert left(document)
    letter = fill(document)
    assert left(letter) == []
    assert ("kept" in texts(letter)) == ("kept" in INVISIBLE[what])


@pytest.mark.parametrize("what", ["conflictIns", "conflictDel"])
def test_a_conflicting_change_of_two_authors_is_a_tracked_change(what: str) -> None:
    assert "accept or reject" in problem_texts(
        f"<w:p {W14}><w14:{what} {WHO}>{run('x')}</w14:{what}></w:p>"
    )


@pytest.mark.parametrize("what", FIELDS)
def test_a_fetching_field_is_removed_however_it_is_written_and_its_result_stays(what: str) -> None:
    letter = fill(docx(FIELDS[what]))
    assert left(letter) == []
    assert "".join(texts(letter)) == ("kept" if "kept" in FIELDS[what] else "")
    assert defects(letter) == {}


def test_a_merge_field_in_the_code_of_a_fetching_field_prints_nothing() -> None:
    merge = field(" MERGEFIELD name ", "«name»")
    body = paragraph("a", BEGIN, code(" INCLUDEPICTURE "), merge, SEPARATE, "shown", END)
    assert texts(fill(body, name="Ann")) == ["ashown"]


@pytest.mark.parametrize("what", BY_ANOTHER_NAME)
def test_a_part_of_another_kind_than_its_relationship_is_removed(what: str) -> None:
    kind, target, data = BY_ANOTHER_NAME[what]
    document = with_relations(
        docx("shown"),
        relation("x", kind, target),
        more={f"word/{target}": data},
        types='<Default Extension="bin" ContentType="application/octet-stream"/>'
        f'<Override PartName="/word/comments.xml" ContentType="{WORD}.comments+xml"/>',
    )
    assert left(fill(document)) == []


@pytest.mark.parametrize(
    ("target", "member"),
    [
        ("media/P.PNG", "word/media/p.png"),
        ("media/p%20q.png", "word/media/p q.png"),
        ("media/p%20q.png", "word/media/p%20q.png"),
        ("media/p q.png", "word/media/p%20q.png"),
        ("/word/media/p.png", "word/media/p.png"),
        ("../word/media/p.png", "word/media/p.png"),
        ("./media/p.png", "word/media/p.png"),
        ("../media/p.png", "media/p.png"),
    ],
)
def test_a_picture_is_found_however_its_address_is_written(target: str, member: str) -> None:
    """ECMA-376 part 2, 6.2.2: names are compared without regard to case."""
    document = with_relations(
        docx(paragraph(picture(1, 'r:embed="p"'))),
        relation("p", "image", target),
        more={member: PIXEL},
    )
    assert PIXEL in members(fill(document)).values()
    assert b"<a:blip" in members(fill(document))[BODY]


def test_a_missing_picture_is_reported() -> None:
    document = with_relations(
        docx(paragraph("x", picture(1, 'r:embed="p"'))), relation("p", "image", "media/p.png")
    )
    assert "picture" in "".join(problem.what for problem in template(document).problems)


def test_a_chart_keeps_its_drawing_and_loses_its_workbook() -> None:
    chart = (
        f'<c:chartSpace xmlns:c="{CHART}"'
        f' xmlns:r="{OFFICE}"><c:externalData r:id="x"/></c:chartSpace>'
    )
    drawing = drawn(f'<c:chart xmlns:c="{CHART}" r:id="c"/>')
    document = with_relations(
        docx(paragraph(drawing.replace('r:embed="p"', ""))),
        relation("c", "chart", "charts/chart1.xml"),
        more={
            "word/charts/chart1.xml": chart,
            "word/charts/_rels/chart1.xml.rels": _chart_links(),
            "word/embeddings/book.xlsx": MARK,
        },
        types='<Override PartName="/word/charts/chart1.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.drawingml.chart+xml"/>'
        '<Default Extension="xlsx" ContentType="application/octet-stream"/>',
    )
    letter = fill(document)
    assert left(letter) == []
    assert b"externalData" not in members(letter)["word/charts/chart1.xml"]


def _chart_links() -> str:
    from support.marked_content import relations

    return relations(relation("x", "package", "../embeddings/book.xlsx"))


def test_editing_protection_and_its_password_are_removed() -> None:
    settings = (
        f'<w:settings {SPACES}><w:writeProtection w:recommended="1"/>'
        f'<w:documentProtection w:edit="readOnly" w:enforcement="1" w:hash="{MARK}"/></w:settings>'
    )
    document = zipped({**members(docx("x")), "word/settings.xml": settings})
    assert left(fill(document)) == []


def test_letters_of_hostile_templates_still_open() -> None:
    for body in (*BY_ADDRESS.values(), *WITHOUT.values(), *INVISIBLE.values()):
        letter = fill(linked(body, target="https://www.example.org/"))
        assert Document(io.BytesIO(letter)).paragraphs[0].text == "shown "
        assert defects(letter) == {}
