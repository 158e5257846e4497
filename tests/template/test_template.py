"""A .docx with tags and a tree of values become a complete letter."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document
from docxtpl import DocxTemplate
from lxml import etree
from openpyxl import load_workbook
from support.documents import BODY, block, docx, note, paragraph, run, table, text_box
from support.everyday import everyday
from support.filled_letters import W, fill, lines, members, problem_texts, root, template, texts
from support.template_cases import CASES, VALUES

from merge.errors import DataError
from merge.template.filters import TemplateValue, freeze
from merge.template.template import read_template
from merge.values import WorkbookValue

ROOT = Path(__file__).resolve().parents[2]
PRINTED = {
    "ampersand": "Smith & Sons",
    "angle brackets": "A<b>",
    "end of the body": "</w:body>",
    "start of a comment": "<!-- x",
    "end of CDATA": "]]>",
    "entity": "&lt;&#65;",
    "tag": "{{ secret }}",
    "block": "{% if x %}",
    "jinja comment": "{# x",
    "accent": "Zoë",
    "emoji": "👩‍🚀😀",
    "Cyrillic": "Имя Отчество",
    "Arabic": "مرحبا بالعالم",
    "line break": "a\nb",
    "tab": "a\tb",
    "spaces": "  two  spaces  ",
    "quotes": "\"x\" 'y' „z“",
    "our own mark": "\ufdd20\ufdd3",
}
BLANKS = "\n\n"


def plain_docxtpl(data: bytes, values: dict[str, TemplateValue]) -> list[str]:
    """Return the paragraphs of docxtpl's own letter, as in its manual."""
    document, letter = DocxTemplate(io.BytesIO(data)), io.BytesIO()
    document.render(dict(values), autoescape=True)
    document.save(letter)
    return [text for text in texts(letter.getvalue()) if text.strip()]


@pytest.mark.parametrize("name", everyday(CASES, daily=range(26)))
def test_a_template_with_one_feature_gives_the_expected_text(name: str) -> None:
    case = CASES[name]
    assert texts(fill(case.template, **case.values)) == case.text


@pytest.mark.parametrize(
    "name", everyday([name for name, case in CASES.items() if case.plain], daily=range(12))
)
def test_docxtpl_gives_the_same_text_except_blank_paragraphs(name: str) -> None:
    case = CASES[name]
    ours = [text for text in texts(fill(case.template, **case.values)) if text.strip()]
    assert ours == plain_docxtpl(case.template, case.values)


def test_at_least_forty_features_of_templates_are_compared_with_docxtpl() -> None:
    assert len([case for case in CASES.values() if case.plain]) >= 40


@pytest.mark.parametrize("value", everyday(PRINTED.values(), daily=range(7)), ids=PRINTED)
def test_a_value_is_printed_exactly_wherever_a_placeholder_may_be(value: str) -> None:
    """It is in body, table, header, footer, text box and notes; read by lxml."""
    tag = "[{{ name }}]"
    body = paragraph(tag, note(), note("endnote")) + table([tag]) + text_box(tag)
    letter = fill(docx(body, header=tag, footer=tag, footnotes=tag, endnotes=tag), name=value)
    assert texts(letter) == [f"[{value}]", f"[{value}]", "", "", f"[{value}]"]
    for part in ("header", "footer", "footnotes", "endnotes"):
        assert texts(letter, f"word/{part}.xml") == [f"[{value}]"]


@pytest.mark.parametrize("value", everyday(PRINTED.values(), daily=range(14)), ids=PRINTED)
def test_python_docx_reads_the_same_value_from_a_letter(value: str) -> None:
    letter = Document(io.BytesIO(fill(docx("[{{ name }}]", header="[{{ name }}]"), name=value)))
    assert letter.paragraphs[0].text == f"[{value}]"
    assert letter.sections[0].header.paragraphs[0].text == f"[{value}]"


@pytest.mark.parametrize("value", PRINTED.values(), ids=PRINTED)
def test_the_fallback_of_a_text_box_is_filled(value: str) -> None:
    old = root(fill(text_box("{{ name }}"), name=value)).iter(f"{W}txbxContent")
    assert len({etree.tostring(copy) for copy in old}) == 1


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1b", "\ufffe", "\uffff", "\ud800"])
def test_a_value_with_a_character_that_no_document_can_contain_is_refused(character: str) -> None:
    with pytest.raises(DataError, match=f"U\\+{ord(character):04X}"):
        freeze({"name": f"a{character}b"})


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_each_kind_of_line_end_in_a_value_is_one_line_break(end: str) -> None:
    assert lines("{{ name }}", name=f"a{end}b") == ["a\nb"]


def test_values_in_document_properties_and_alt_texts_are_escaped_once() -> None:
    picture = (
        "<w:r><w:drawing><wp:inline><wp:extent cx='1' cy='1'/>"
        "<wp:docPr id='1' name='x' descr='{{ name }}'/></wp:inline></w:drawing></w:r>"
    )
    letter = fill(docx(paragraph(picture), title="T {{ name }}"), name='A & "B" <c>')
    title = etree.fromstring(members(letter)["docProps/core.xml"])[0].text
    alt = next(e for e in root(letter).iter() if str(e.tag).endswith("docPr")).get("descr")
    assert (title, alt) == ('T A & "B" <c>', 'A & "B" <c>')


def test_an_if_works_in_the_document_title() -> None:
    letter = fill(docx("x", title="T{% if no %} no{% else %} yes{% endif %}"), **VALUES)
    assert etree.fromstring(members(letter)["docProps/core.xml"])[0].text == "T yes"


def test_none_as_a_value_prints_nothing_and_numbers_print_unchanged() -> None:
    assert lines("[{{ x }}{{ n }}]", x=None, n=5) == ["[5]"]


def test_a_value_prints_the_displayed_text_of_its_cell() -> None:
    assert lines("{{ zip }} {{ zip|number }}", zip=WorkbookValue("02134", 2134), language="en") == [
        "02134 2,134"
    ]


def content(data: bytes) -> dict[str, bytes]:
    """Return the parts with the visible content of a letter."""
    return {name: part for name, part in members(data).items() if name.startswith("word/")}


def test_every_part_of_a_letter_without_a_tag_is_byte_identical() -> None:
    document = docx("Dear {{ name }}", header="no tag", footer="{", footnotes="{ } {x}")
    letter = content(fill(document, name="Ann"))
    assert letter.pop(BODY) != content(document)[BODY]
    assert letter == {name: part for name, part in content(document).items() if name != BODY}


def test_a_template_without_any_tag_gives_an_identical_document() -> None:
    document = docx("Dear { } friend\n\n{x} 100 % # }", header="{1, 2}")
    assert content(fill(document)) == content(document)


def test_filling_a_template_twice_gives_the_same_bytes() -> None:
    compiled, values = template(CASES["every part"].template), freeze(VALUES)
    first = compiled.fill(values)
    assert compiled.fill(freeze({**VALUES, "a": "Other"})) != first
    assert compiled.fill(values) == first
    assert values == freeze(VALUES)


def test_compiling_a_template_twice_gives_the_same_bytes() -> None:
    document = CASES["every part"].template
    assert fill(document, **VALUES) == fill(document, **VALUES)


def test_the_names_that_a_template_uses_are_listed_in_their_order_with_tags() -> None:
    uses = template(
        "{% if a.b %}{{ C.D }}{% endif %}{% for x in e.f|lines %}{{ x }}{% endfor %}"
    ).uses
    assert [(str(name), tag.shown_text) for name, tag in uses] == [
        ("a.b", "{% if a.b %}"),
        ("c.d", "{{ C.D }}"),
        ("e.f", "{% for x in e.f|lines %}"),
    ]


@pytest.mark.parametrize("tag", ["{{ nmae }}", "{{ person.nmae }}", "{% if nmae %}x{% endif %}"])
def test_an_unknown_name_is_an_error_with_its_placeholder_and_paragraph(tag: str) -> None:
    with pytest.raises(DataError, match=r"\(paragraph 2\)") as error:
        fill(f"first\n{tag}", **VALUES)
    assert "nmae" in str(error.value)
    assert "jinja" not in str(error.value).lower()


def test_a_name_after_an_unknown_name_is_reported_without_pythons_words() -> None:
    with pytest.raises(DataError) as error:
        fill("{{ nobody.name.first }}")
    assert "object" not in str(error.value)


def test_a_faulty_cell_is_only_an_error_if_a_letter_needs_it() -> None:
    from merge.problems import Place, Problem

    fault = Problem("cell-error", Place("s.xlsx", "Recipients", 3, 2), "it holds #N/A.", "Mend it.")
    values: dict[str, TemplateValue] = {
        "r": {"city": WorkbookValue("#N/A", problem=fault), "name": "Ann"}
    }
    assert lines("{{ r.name }}", **values) == ["Ann"]
    with pytest.raises(DataError, match="Recipients!C2"):
        fill("{{ r.city }}", **values)


@pytest.mark.parametrize("number", [0, 1])
def test_the_shipped_template_gives_docxtpls_text(number: int) -> None:
    path = ROOT / "templates" / "appeal.docx"
    people = [people_of("Signers")[2], people_of("Recipients")[number]]
    values: dict[str, TemplateValue] = dict(zip(("signer", "recipient"), people, strict=True))
    ours = texts(read_template(path).fill(freeze(values)))
    assert ours == plain_docxtpl(path.read_bytes(), values)
    assert all(text.strip() for text in ours)


def people_of(sheet: str) -> list[dict[str, TemplateValue]]:
    headings, *rows = load_workbook(ROOT / "signers.xlsx")[sheet].iter_rows(values_only=True)
    names = [str(heading).lower() for heading in headings]
    return [dict(zip(names, (str(c or "") for c in row), strict=True)) for row in rows]


def test_a_value_has_the_format_of_its_placeholders_first_character() -> None:
    split = paragraph(
        run("a {", "<w:b/>"), run("{ na", "<w:i/>"), run("me }} b", "<w:u w:val='single'/>")
    )
    runs = Document(io.BytesIO(fill(split, name="Ann"))).paragraphs[0].runs
    assert [(r.text, r.bold, r.italic, r.underline) for r in runs if r.text] == [
        ("a Ann", True, None, None),
        (" b", None, None, True),
    ]


@pytest.mark.parametrize("language", ["fr", "ru", "ar", None])
def test_dates_and_numbers_are_in_the_letters_language_by_default_english(
    language: str | None,
) -> None:
    from datetime import date

    expected = {"fr": "4 mars 2026", "ru": "4 марта 2026", "ar": "مارس", None: "March 4, 2026"}
    values: dict[str, TemplateValue] = {"language": language} if language else {}
    assert expected[language] in lines("{{ d|date }}", d=date(2026, 3, 4), **values)[0]


def test_a_loop_over_the_lines_of_a_blank_cell_prints_nothing() -> None:
    assert lines(block("{%p for x in a|lines %}\n- {{ x }}\n{%p endfor %}\nend"), a=BLANKS) == [
        "end"
    ]


@pytest.mark.slow
def test_a_long_part_is_read_in_pieces_and_stays_complete() -> None:
    lines_of_it = [f"{number} {'word ' * 30}{{{{ a }}}}" for number in range(2_500)]
    body = "".join(block(line) for line in lines_of_it[:1_250])
    body += table(["{%tr if a %}"], ["{{ a }}"], ["{%tr endif %}"])
    body += block("{% if a %}") + "".join(block(line) for line in lines_of_it[1_250:])
    letter = fill(body + block("{% endif %}end"), **VALUES)
    shown = [line.replace("{{ a }}", "A") for line in lines_of_it]
    assert texts(letter) == [*shown[:1_250], "A", "", "", *shown[1_250:], "end"]


@pytest.mark.slow
def test_a_paragraph_of_too_many_runs_is_refused() -> None:
    runs = [run("x", "<w:b/>") for _ in range(40_000)]
    messages = problem_texts(paragraph(*runs, "{{ a }}"))
    assert messages == (
        "a.docx, body: A paragraph or table row is too long for a letter. Split it."
    )
    assert problem_texts(paragraph(*runs[:20_000], "{{ a }}")) == ""
