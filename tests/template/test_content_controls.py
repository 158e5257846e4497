"""Content controls: bound ones print Word's text, unfilled are reported."""

from __future__ import annotations

import pytest
from support.documents import OFFICE, PACKAGE, docx, paragraph, run, text_box
from support.docx_defects import defects
from support.field_markup import field
from support.filled_letters import fill, template, texts
from support.marked_template import with_core

STORE = "{0F1C2D3E-0000-4000-8000-00000000000A}"
CORE_STORE = "{6C3C8BC8-F283-45AE-878A-BAB7291924A1}"
SPACE = "urn:letters"
PROMPT = "Click or tap here to enter text."
SHOWING = "<w:showingPlcHdr/>"
GREY = '<w:rStyle w:val="Platzhaltertext"/>'


def control(shown: str, *properties: str, looks: str = "") -> str:
    """Return a control in a line, as a run's neighbour."""
    inner = run(shown, looks) if shown else "<w:r/>"
    all_properties = "".join(properties)
    return f"<w:sdt><w:sdtPr>{all_properties}</w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>"


def bound(path: str, store: str = STORE) -> str:
    spaces = f"xmlns:a='{SPACE}' xmlns:c='{PACKAGE}/metadata/core-properties'"
    spaces += " xmlns:d='http://purl.org/dc/elements/1.1/'"
    return f'<w:dataBinding w:prefixMappings="{spaces}" w:xpath="{path}" w:storeItemID="{store}"/>'


def with_data(body: str, data: str) -> bytes:
    """Return a template with custom XML, as Word stores it."""
    link = f'<Relationship Id="p" Type="{OFFICE}/customXmlProps" Target="itemProps1.xml"/>'
    item_properties = (
        f'<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"'
        f' ds:itemID="{STORE}"/>'
    )
    return docx(
        body,
        more={
            "customXml/item1.xml": data,
            "customXml/itemProps1.xml": item_properties,
            "customXml/_rels/item1.xml.rels": (
                f'<Relationships xmlns="{PACKAGE}/relationships">{link}</Relationships>'
            ),
        },
    )


DATA = f'<case xmlns="{SPACE}" no="17"><city>Bonn</city><city>Köln</city><none/><x><y/></x></case>'


@pytest.mark.parametrize(
    ("path", "printed"),
    [
        ("/a:case/a:city", "Bonn"),
        ("/a:case[1]/a:city[2]", "Köln"),
        ("/a:case[1]/a:city[1]/text()[1]", "Bonn"),
        ("/a:case/@no", "17"),
        ("/a:case/a:missing", "stale"),
        ("/a:case/a:city[3]", "stale"),
        ("/a:other/a:city", "stale"),
    ],
)
def test_a_bound_control_prints_the_text_that_word_shows(path: str, printed: str) -> None:
    document = with_data(paragraph("In ", control("stale", bound(path), "<w:text/>"), "."), DATA)
    letter = fill(document)
    assert texts(letter) == [f"In {printed}."]
    assert template(document).problems == ()
    assert defects(letter) == {}


@pytest.mark.parametrize(
    "path", ["/a:case/a:none", "/a:case/a:x", "//a:city", "/a:case/a:city[last()]", "/b:case"]
)
def test_a_binding_that_cannot_be_followed_is_reported(path: str) -> None:
    document = with_data(paragraph("In ", control("stale", bound(path), "<w:text/>")), DATA)
    assert texts(fill(document)) == ["In stale"]
    (problem,) = template(document).problems
    assert (problem.code, problem.level) == ("control-bound", "warning")
    assert "“stale”" in problem.what


def test_a_changed_document_title_is_printed_instead_of_the_prompt() -> None:
    title = bound("/c:coreProperties[1]/d:title[1]", CORE_STORE)
    document = docx(
        paragraph(control("[Title]", title, SHOWING, "<w:text/>", looks=GREY)), title="Free Ana"
    )
    letter = fill(document)
    assert texts(letter) == ["Free Ana"]
    assert b"Platzhaltertext" not in letter
    assert template(document).problems == ()


def test_a_placeholder_in_a_bound_value_is_filled() -> None:
    data = f'<case xmlns="{SPACE}"><city>{{{{ city }}}}</city></case>'
    document = with_data(paragraph(control("stale", bound("/a:case/a:city"), "<w:text/>")), data)
    assert texts(fill(document, city="Bonn")) == ["Bonn"]


def test_a_control_bound_to_the_templates_author_is_not_filled_in() -> None:
    space = (
        f'xmlns:c="{PACKAGE}/metadata/core-properties" xmlns:d="http://purl.org/dc/elements/1.1/"'
    )
    core = f"<c:coreProperties {space}><d:creator>Jane Doe</d:creator></c:coreProperties>"
    author = bound("/c:coreProperties[1]/d:creator[1]", CORE_STORE)
    document = with_core(docx(paragraph(control("the team", author, "<w:text/>"))), core)
    assert texts(fill(document)) == ["the team"]
    assert [p.code for p in template(document).problems] == ["control-bound"]


def test_a_list_control_prints_the_display_text_of_its_value() -> None:
    entry = '<w:dropDownList><w:listItem w:displayText="Cologne" w:value="Köln"/></w:dropDownList>'
    document = with_data(paragraph(control("Choose.", bound("/a:case/a:city[2]"), entry)), DATA)
    assert texts(fill(document)) == ["Cologne"]


@pytest.mark.parametrize(
    ("saved", "language", "printed", "codes"),
    [
        ("2026-03-04", "en-GB", "the fourth", []),
        ("2026-03-05", "en-GB", "5 March", []),
        ("2026-03-05", "fr-FR", "5 mars", []),
        ("2026-03-05", "", "the fourth", ["control-bound"]),
        ("2026-03-05", "xx-XX", "the fourth", ["control-bound"]),
        ("2026-13-45", "en-GB", "the fourth", ["control-bound"]),
    ],
)
def test_a_date_is_printed_in_the_format_of_its_control_or_reported(
    saved: str, language: str, printed: str, codes: list[str]
) -> None:
    data = f'<case xmlns="{SPACE}"><day>{saved}T00:00:00</day></case>'
    form = f'<w:dateFormat w:val="d MMMM"/><w:lid w:val="{language}"/>'
    date = f'<w:date w:fullDate="2026-03-04T00:00:00Z">{form}</w:date>'
    document = with_data(paragraph(control("the fourth", bound("/a:case/a:day"), date)), data)
    assert texts(fill(document)) == [printed]
    assert [p.code for p in template(document).problems] == codes


def test_unfilled_controls_are_reported_at_each_paragraph() -> None:
    empty = control(PROMPT, SHOWING)
    body = paragraph("x") + paragraph("To ", empty)
    body += paragraph(control("Choose an item.", SHOWING), empty)
    body += text_box("x").replace(run("x"), control("In a box", SHOWING))
    problems = template(docx(body)).problems
    assert {(p.code, p.level) for p in problems} == {("field-prompt", "warning")}
    shown = [(p.place.part, p.place.paragraph, p.what.partition(": ")[2]) for p in problems]
    assert shown == [
        ("body", 2, f"“{PROMPT}”."),
        ("body", 3, f"“Choose an item.”, “{PROMPT}”."),
        ("body", 5, "“In a box”."),
    ]
    assert problems[0].place.paragraph_text == f"To {PROMPT}"


@pytest.mark.parametrize(
    "written",
    [
        control("Bonn"),
        control("Bonn", '<w:showingPlcHdr w:val="0"/>'),
        control("{{ name }}", SHOWING),
        control("   ", SHOWING),
        control("x", SHOWING).replace(run("x"), field(" PAGE ")),
        control(PROMPT, SHOWING, looks="<w:vanish/>"),
    ],
)
def test_a_control_that_prints_no_prompt_is_not_reported(written: str) -> None:
    assert [p for p in template(paragraph("x", written)).problems if p.code == "field-prompt"] == []
