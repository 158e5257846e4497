"""Word's merge fields become tags; unusable ones are errors."""

from __future__ import annotations

import io
import zipfile

import pytest
from lxml import etree
from support.documents import BODY, cell, docx, note, paragraph, run, table, text_box
from support.field_letters import (
    body,
    converted,
    expression,
    field_problems,
    filled,
    run_formats,
    tags,
)
from support.field_markup import BOLD, ITALIC, RED, code, field, mark, nested, simple
from support.filled_letters import W, problem_texts, texts
from support.speed import within

from merge.ooxml.package import parse_package
from merge.ooxml.wordml import parse_xml
from merge.problems import Place
from merge.template.filters import TemplateValue, freeze
from merge.template.merge_fields import replace_merge_fields
from merge.template.template import compile_template

NAMES = [
    (" MERGEFIELD Name ", "name"),
    ("MERGEFIELD Name", "name"),
    ("mergefield name", "name"),
    (' MERGEFIELD "Name" ', "name"),
    (" MERGEFIELD “Name” ", "name"),
    (" MERGEFIELD „Name“ ", "name"),
    (' MERGEFIELD "Recipient Name" ', "recipient_name"),
    (" MERGEFIELD Recipient Name ", "recipient_name"),
    (" MERGEFIELD recipient_name \\* MERGEFORMAT ", "recipient_name"),
    (" MERGEFIELD Name\\* MERGEFORMAT", "name"),
    ('MERGEFIELD"Name"', "name"),
    (" MERGEFIELD Name \\* CHARFORMAT ", "name"),
    (" MERGEFIELD Name \\m ", "name"),
    (" MERGEFIELD Name \\v ", "name"),
    (' MERGEFIELD "Say ""x" ', "say_x"),
    (' MERGEFIELD "A \\"b\\" c" ', "a_b_c"),
    (" MERGEFIELD 2nd_line ", "m_2nd_line"),
    (" MERGEFIELD Имя ", "имя"),
]


@pytest.mark.parametrize(("text", "name"), NAMES)
def test_a_merge_field_becomes_a_placeholder_however_its_name_is_written(
    text: str, name: str
) -> None:
    expected = f"Dear {{{{ recipient.{name} }}}},"
    assert tags("Dear ", field(text), ",") == expected
    assert tags("Dear ", simple(text), ",") == expected


def test_a_line_of_blank_merge_fields_is_removed() -> None:
    lines = [
        paragraph(field(" MERGEFIELD Name ")),
        paragraph(field(' MERGEFIELD Street \\f "!" ')),
        paragraph(field(" MERGEFIELD Zip "), " ", field(" MERGEFIELD City \\* Upper ")),
        paragraph(field(' MERGEFIELD Sum \\# "0%" ')),
        paragraph("end"),
    ]
    blank: dict[str, TemplateValue] = {"street": "", "zip": "", "city": "", "sum": ""}
    assert filled("".join(lines), name="Ana", **blank) == ["Ana", "end"]
    half: dict[str, TemplateValue] = {"street": "S", "zip": "", "city": "Ulm", "sum": 5}
    assert filled("".join(lines), name="Ana", **half) == ["Ana", "S!", "ULM", "5%", "end"]


SPLIT = "".join(code(c, BOLD if c == "R" else "") for c in ' MERGEFIELD "Full Name" \\* Upper ')


def test_the_code_of_a_merge_field_may_be_split_anywhere() -> None:
    assert tags(field(SPLIT)) == "{{ recipient.full_name|upper }}"


def test_a_complete_merge_field_may_be_in_one_run() -> None:
    marks = "<w:fldChar w:fldCharType='{}'/>"
    part = marks.format("begin") + "<w:instrText>MERGEFIELD A</w:instrText>"
    part += marks.format("separate") + "<w:t>old</w:t>" + marks.format("end")
    text = f"<w:r><w:rPr><w:b/></w:rPr><w:t>Dear </w:t>{part}<w:t>, </w:t>{part}<w:t>!</w:t></w:r>"
    root = body(paragraph(text))
    assert [t.text for t in root.iter(f"{W}t")] == [
        "Dear ",
        "{{ recipient.a }}",
        ", ",
        "{{ recipient.a }}",
        "!",
    ]
    assert all(run_formats(root, words) == ["b"] for words in ("Dear", "{{", ", ", "!"))


def test_a_merge_field_without_a_result_becomes_a_placeholder() -> None:
    assert tags(mark("begin"), code("MERGEFIELD A"), mark("end")) == "{{ recipient.a }}"
    empty = mark("begin") + code("MERGEFIELD A") + mark("separate") + mark("end")
    assert tags(empty) == "{{ recipient.a }}"
    assert tags("<w:fldSimple w:instr='MERGEFIELD A'/>") == "{{ recipient.a }}"


def test_dirty_and_locked_merge_fields_with_codes_in_text_become_placeholders() -> None:
    begin = "<w:r><w:fldChar w:fldCharType='begin' w:dirty='true' w:fldLock='true'/></w:r>"
    assert tags(begin, run(" MERGEFIELD A "), mark("end")) == "{{ recipient.a }}"


def test_a_tab_or_hyphen_element_counts_in_the_code_of_a_merge_field() -> None:
    tab, hyphen = "<w:r><w:tab/></w:r>", "<w:r><w:noBreakHyphen/></w:r>"
    assert tags(field("MERGEFIELD", tab, code("A"))) == "{{ recipient.a }}"
    assert tags(field('MERGEFIELD "A', hyphen, code('B"'))) == "{{ recipient.a_b }}"


def test_nothing_of_a_replaced_merge_field_stays() -> None:
    more = "<w:r><w:lastRenderedPageBreak/><w:t>a</w:t><w:br/><w:t>b</w:t></w:r>"
    link = f"<w:hyperlink w:anchor='x'>{run('c')}</w:hyperlink>"
    root = body(paragraph("A", field(" MERGEFIELD B ", result=more + link), "C"))
    names = {str(e.tag).removeprefix(W) for e in root.iter()}
    assert names == {"document", "body", "sectPr", "p", "r", "rPr", "t"}


def test_bookmarks_around_and_inside_a_merge_field_stay() -> None:
    start, end = "<w:bookmarkStart w:id='1' w:name='m'/>", "<w:bookmarkEnd w:id='1'/>"
    for inside in (field(" MERGEFIELD B "), simple(" MERGEFIELD B ")):
        names = [str(e.tag).removeprefix(W) for e in body(paragraph(start, inside, end))[0][0]]
        assert names == ["bookmarkStart", "r", "bookmarkEnd"]
    cut = field(" MERGEFIELD B ").replace(mark("separate"), mark("separate") + start)
    complete = simple(" MERGEFIELD B ").replace("<w:r>", start + "<w:r>", 1)
    for inside in (cut, complete):
        names = [str(e.tag).removeprefix(W) for e in body(paragraph(inside, end))[0][0]]
        assert sorted(names) == ["bookmarkEnd", "bookmarkStart", "r"]


FORMATS = [
    (" MERGEFIELD A ", ["b"]),
    (" MERGEFIELD A \\* MERGEFORMAT ", ["i"]),
    (" MERGEFIELD A \\* Upper \\* mergeformat ", ["i"]),
    (" MERGEFIELD A \\* CHARFORMAT ", ["b"]),
]


@pytest.mark.parametrize(("text", "properties"), FORMATS)
def test_a_merge_field_has_its_codes_format_or_with_mergeformat_its_results(
    text: str, properties: list[str]
) -> None:
    first, rest = text[:2], text[2:]
    codes = code(first, BOLD) + code(rest, RED)
    result = run("", RED) + run("old", ITALIC) + run("er", RED)
    assert run_formats(body(paragraph(field(codes, result=result))), "{{") == properties


def test_mergeformat_without_a_result_uses_the_format_of_the_code() -> None:
    text = code(" MERGEFIELD A \\* MERGEFORMAT ", BOLD)
    assert run_formats(body(paragraph(mark("begin") + text + mark("end"))), "{{") == ["b"]
    assert run_formats(body(paragraph(field(text, result=run("")))), "{{") == ["b"]


def test_a_simple_merge_field_keeps_the_format_of_its_run() -> None:
    assert run_formats(body(paragraph(simple("MERGEFIELD A", "old", BOLD))), "{{") == ["b"]


def test_a_merge_field_over_several_paragraphs_joins_them() -> None:
    start = mark("begin") + code(" MERGEFIELD A ") + mark("separate") + run("one")
    last = "<w:p><w:pPr><w:jc w:val='right'/></w:pPr>" + run("three") + mark("end")
    mixed = f"{last}{run(' and ')}{field(' MERGEFIELD B ')}</w:p>"
    root = body(paragraph("Dear ", start) + paragraph("two") + mixed + paragraph("end"))
    shown = ["".join(p.itertext()) for p in root.iter(f"{W}p")]
    assert shown == ["Dear {{ recipient.a }} and {{ recipient.b }}", "end"]
    assert root.find(f"{W}body/{W}p/{W}pPr/{W}jc") is not None


def test_a_chain_of_merge_fields_over_paragraphs_joins_them() -> None:
    start = mark("begin") + code(" MERGEFIELD A ") + mark("separate")
    paragraphs = (
        paragraph(start) + paragraph("x", mark("end"), start) + paragraph(mark("end"), "end")
    )
    assert texts(converted(docx(paragraphs))[0])[0] == "{{ recipient.a }}{{ recipient.a }}end"


def test_a_merge_field_over_cells_or_sections_is_an_error() -> None:
    start = mark("begin") + code(" MERGEFIELD A ") + mark("separate")
    cells = table([cell(paragraph(start)), cell(paragraph(mark("end")))])
    section = "<w:p><w:pPr><w:sectPr/></w:pPr>" + start + "</w:p>" + paragraph(mark("end"))
    for text in (cells, section):
        (problem,) = converted(docx(text))[1]
        assert problem.code == "field-not-usable"


PLACES = {
    "table": table(["x", cell(paragraph(field(" MERGEFIELD A ")))]),
    "nested table": table([cell(table([cell(paragraph(simple("MERGEFIELD A")))]))]),
    "text box": text_box(paragraph(field(" MERGEFIELD A "))),
    "content control": "<w:sdt><w:sdtContent>"
    + paragraph(field(" MERGEFIELD A "))
    + "</w:sdtContent></w:sdt>",
    "control in a line": paragraph(
        f"<w:sdt><w:sdtContent>{field(' MERGEFIELD A ')}</w:sdtContent></w:sdt>"
    ),
    "hyperlink": paragraph(f"<w:hyperlink w:anchor='x'>{field(' MERGEFIELD A ')}</w:hyperlink>"),
    "result of a link": paragraph(field("HYPERLINK x", result=field(" MERGEFIELD A "))),
    "result of a simple field": paragraph(
        f"<w:fldSimple w:instr='REF x'>{field(' MERGEFIELD A ')}</w:fldSimple>"
    ),
    "box in a result": paragraph(
        field(
            "REF x", result=text_box(paragraph(field("MERGEFIELD A"))).replace("<w:p>", "", 1)[:-6]
        )
    ),
}


@pytest.mark.parametrize("where", PLACES)
def test_merge_fields_are_found_in_every_place_of_a_document(where: str) -> None:
    converted_data, problems = converted(docx(PLACES[where]))
    assert problems == []
    template = compile_template(parse_package(converted_data, "a.docx"))
    letter = template.fill(freeze({"recipient": {"a": "Ana"}}))
    with zipfile.ZipFile(io.BytesIO(letter)) as archive:
        xml = archive.read(BODY).decode()
    assert xml.count("Ana") == (2 if "box" in where else 1)
    assert "MERGEFIELD" not in xml


@pytest.mark.parametrize("part", ["header", "footer", "footnotes", "endnotes"])
def test_merge_fields_are_found_in_every_part(part: str) -> None:
    data = docx(paragraph(note()), more=None, **{part: paragraph(field(" MERGEFIELD A "))})
    converted_data, problems = converted(data)
    assert problems == []
    template = compile_template(parse_package(converted_data, "a.docx"))
    letter = template.fill(freeze({"recipient": {"a": "Ana"}}))
    assert texts(letter, f"word/{part}.xml") == ["Ana"]


OTHERS = [
    field(" PAGE "),
    simple(" NUMPAGES \\* MERGEFORMAT "),
    field(' DATE \\@ "d MMMM yyyy" '),
    field(' TIME \\@ "H:mm" '),
    field(' HYPERLINK "https://example.org" '),
    field(" REF bookmark \\h "),
    field(' TOC \\o "1-3" ', result=run("1") + field(" PAGEREF x ")),
    field(" = 1 + 2 "),
    field(" IF ", nested(" PAGE "), code(' = 1 "first" "other" ')),
    field(' INCLUDETEXT "', nested(" MERGEFIELD A "), code('.docx" ')),
    field(' INCLUDEPICTURE "x.png" '),
    field(" DDEAUTO excel x "),
    field(" DATABASE "),
    field(' SEQ "MERGEFIELD" '),
    field(""),
    mark("end"),
    mark("separate"),
    run("«recipient_name»"),
    code("MERGEFIELD A"),
]


@pytest.mark.parametrize("other", OTHERS)
def test_fields_that_are_not_mail_merge_stay_byte_for_byte(other: str) -> None:
    data = docx(paragraph("A ", other, " B"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        root = parse_xml(archive.read(BODY))
    assert root is not None
    before = etree.tostring(root)
    assert replace_merge_fields(root, expression, Place("a")) == []
    assert etree.tostring(root) == before


@pytest.mark.parametrize("value", [nested("MERGEFIELD X"), code("x")])
@pytest.mark.parametrize("kind", ["SKIPIF", "NEXTIF", "COMPARE", "SET", "ASK", "FILLIN"])
def test_fields_of_mail_merge_that_ask_or_skip_are_errors(kind: str, value: str) -> None:
    (problem,) = field_problems(field(f" {kind} ", value, code(' = "a" ')))
    assert problem.code == "field-not-usable"
    assert kind in problem.what


INSTEAD = [
    ("NEXT", "each letter has only one recipient"),
    ("NEXTIF 1 = 1", "Pairs"),
    ("SKIPIF 1 = 1", "Include"),
    ("MERGEREC", "column"),
    ("MERGESEQ", "column"),
    ("ASK a b", "Settings"),
    ("FILLIN a", "Settings"),
    ("SET a b", "Settings"),
    ("ADDRESSBLOCK \\f x", "{{ recipient.name }}"),
    ("GREETINGLINE \\f x", "Dear {{ recipient.salutation }},"),
    ("COMPARE a = b", "{% if"),
]


@pytest.mark.parametrize(("text", "hint"), INSTEAD)
def test_other_mail_merge_fields_are_errors_with_a_hint_what_to_use_instead(
    text: str, hint: str
) -> None:
    for written in (field(f" {text} "), simple(text.lower())):
        (problem,) = field_problems(written)
        assert problem.code == "field-not-usable"
        assert hint in problem.hint


AROUND = [
    (field(" = ", nested("MERGEFIELD X"), " * 2 "), "Excel"),
    (field(" = ", nested("IF 1 = 1 2").replace("IF", "MERGEFIELD"), " * 2 "), "Excel"),
    (field(' HYPERLINK "', nested("MERGEFIELD X"), '" '), "Insert > Link"),
    (field(" QUOTE ", nested("MERGEFIELD X")), "without QUOTE"),
    (field(" SYMBOL ", nested("MERGEFIELD X")), "outside"),
    (field(nested("MERGEFIELD X")), "outside"),
]


@pytest.mark.parametrize(("text", "hint"), AROUND)
def test_a_merge_field_in_the_code_of_another_field_is_an_error(text: str, hint: str) -> None:
    (problem,) = field_problems(text)
    assert problem.code == "field-not-usable"
    assert hint in problem.hint


def test_an_unclosed_merge_field_is_an_error_and_fields_inside_it_are_checked() -> None:
    start = mark("begin") + code(" PAGEREF x \\h ")
    problems = field_problems("A ", start, field(" NEXT "), field(" MERGEFIELD A "))
    assert [p.code for p in problems] == ["field-unclosed", "field-not-usable"]
    assert "PAGEREF x" in problems[0].what
    inside = f"<w:fldSimple w:instr='REF x'>{start}</w:fldSimple>"
    assert [p.code for p in field_problems(inside, field(" MERGEFIELD A "))] == ["field-unclosed"]


def test_an_unclosed_field_does_not_leave_its_text_box_or_note() -> None:
    start = mark("begin") + code(" MERGEFIELD A ")
    data = docx(text_box(paragraph(start)) + paragraph(mark("end")))
    assert [p.code for p in converted(data)[1]] == ["field-unclosed"]


def test_all_faults_of_merge_fields_are_reported_at_once_with_their_places() -> None:
    text = "".join(
        (
            paragraph("first"),
            table(["x", cell(paragraph("Dear ", field(" NEXT ", result="«Next»"), "!"))]),
            text_box(paragraph("Box ", field(" MERGEFIELD A \\* Roman "))),
            paragraph(field(" MERGEFIELD A ")),
            paragraph("Last ", field(" ADDRESSBLOCK ", result="Ana"), field(" GREETINGLINE ")),
        )
    )
    problems = converted(docx(text, header=paragraph("Top ", mark("begin"))))[1]
    assert [str(p.place) for p in problems] == [
        "a.docx, header line “Top” (paragraph 1)",
        "a.docx, line “Dear «Next»!” (paragraph 3)",
        "a.docx, line “Box «old»” (paragraph 6)",
        "a.docx, line “Last Ana«old»” (paragraph 8)",
        "a.docx, line “Last Ana«old»” (paragraph 8)",
    ]


def test_a_blank_is_allowed_in_a_merge_field_with_text_around_it() -> None:
    codes = (" MERGEFIELD X ", ' MERGEFIELD X \\f "!" ', ' MERGEFIELD X \\# "0%" ')
    converted_data = converted(docx(paragraph("A ", *map(field, codes), " B")))[0]
    asks = compile_template(parse_package(converted_data, "a.docx")).probes
    assert [ask.is_blank_allowed for ask in asks] == [False, True, True]


@pytest.mark.slow
def test_only_some_of_a_paragraphs_many_field_faults_are_reported_quickly() -> None:
    with within(30):
        assert len(field_problems(field(" NEXT ") * 5_000)) == 20


@pytest.mark.slow
def test_a_long_chain_of_joined_paragraphs_is_converted_quickly() -> None:
    with within(30):
        start = mark("begin") + code(" MERGEFIELD A ") + mark("separate")
        links = "".join(paragraph(mark("end"), start) for _ in range(3_000))
        data = docx(paragraph(start) + links + paragraph(mark("end")))
        assert len(texts(converted(data)[0])) == 1


@pytest.mark.slow
def test_thousands_of_nested_fields_are_an_error_that_is_reported_quickly() -> None:
    with within(30):
        deep = "".join(mark("begin") + code(" IF ") for _ in range(5_000)) + mark("end") * 5_000
        (problem,) = field_problems(deep)
        assert problem.code == "field-not-usable"
        assert "fields are nested" in problem.what
        assert {p.code for p in field_problems(mark("begin") * 5_000)} == {"field-not-usable"}


@pytest.mark.slow
def test_many_merge_fields_are_converted_quickly() -> None:
    with within(30):
        text = paragraph(*(field(' MERGEFIELD "Full Name" \\* Upper ') for _ in range(3_000)))
        assert converted(docx(text))[1] == []


@pytest.mark.parametrize("written", ["MERGEBARCODE Code QR \\q 3", 'mergebarcode "Code" CODE39'])
def test_a_barcode_that_cannot_be_filled_in_has_its_own_error(written: str) -> None:
    problem = problem_texts(paragraph(field(f" {written} ")))
    assert written.replace('"', "") in problem
    assert "in a barcode font" in problem
