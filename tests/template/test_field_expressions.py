"""Switches of a merge field, and Word's IF, as expressions."""

from __future__ import annotations

import datetime as dt

import pytest
from support.documents import docx, paragraph, run
from support.field_letters import body, converted, field_problems, filled, run_formats, tags
from support.field_markup import BOLD, code, field, mark, nested, simple
from support.filled_letters import texts

from merge.ooxml.package import parse_package
from merge.problems import Place
from merge.template.filters import TemplateValue, freeze
from merge.template.grammar import check_tag
from merge.template.tags import Tag, TagSpan, find_tags
from merge.template.template import compile_template
from merge.values import WorkbookValue

SWITCHES = [
    (r"\* Upper", "{x}|upper"),
    (r"\*upper", "{x}|upper"),
    (r"\* LOWER", "{x}|lower"),
    (r"\* FirstCap", "{x}|capitalize"),
    (r"\* Caps", "{x}|title"),
    (r"\* Lower \* FirstCap \* MERGEFORMAT", "{x}|lower|capitalize"),
    (r'\@ "d MMMM yyyy"', '{x}|date("d MMMM yyyy")'),
    (r"\@ d/M/yyyy", '{x}|date("d/M/yyyy")'),
    (r"\@ d MMMM yyyy \* Upper", '{x}|date("d MMMM yyyy")|upper'),
    (r'\# "#,##0.00"', '{x}|number("#,##0.00")'),
    (r"\# 0", '{x}|number("0")'),
    (r'\# "0%"', '({x}|number("0") ~ "%") if {x}|default("")|trim else ""'),
    (r'\b ", "', '(", " ~ {x}) if {x}|default("")|trim else ""'),
    (r'\f " "', '({x} ~ " ") if {x}|default("")|trim else ""'),
    (r'\b"a "\f" b"', '("a " ~ {x} ~ " b") if {x}|default("")|trim else ""'),
    (r'\f "}} {% “x” \\ "', r'({x} ~ "}} {% \“x\” \\ ") if {x}|default("")|trim else ""'),
    (r'\b "(" \* Upper', '("(" ~ {x}|upper) if {x}|default("")|trim else ""'),
]


@pytest.mark.parametrize(("switch", "tag"), SWITCHES)
def test_a_switch_becomes_a_filter_or_text_around_the_value(switch: str, tag: str) -> None:
    text = tags(field(f" MERGEFIELD X {switch} "))
    assert text == f"{{{{ {tag.replace('{x}', 'recipient.x')} }}}}"
    span = next(find_tags(text))
    assert isinstance(span, TagSpan)
    assert check_tag(Tag("value", "", span.body, Place("a"))) == []


@pytest.mark.parametrize("switch", [r'\b ", "', r"\b ,"])
def test_text_before_a_value_is_only_printed_if_the_value_is_not_blank(switch: str) -> None:
    text = switch[3:].strip('"')
    assert filled(run("A"), field(f" MERGEFIELD X {switch} "), x="B") == [f"A{text}B"]
    assert filled(run("A"), field(f" MERGEFIELD X {switch} "), x=" ") == ["A"]


def test_a_merge_field_of_zero_is_not_blank() -> None:
    assert filled(field(' MERGEFIELD X \\f " points" '), x=0) == ["0 points"]
    assert filled(field(' MERGEFIELD X \\# "0%" '), x=0) == ["0%"]
    assert filled(field(' MERGEFIELD X \\f "!" '), x=WorkbookValue("FALSE", native=False)) == [
        "FALSE!"
    ]


def test_the_text_of_a_switch_may_contain_a_merge_field_and_a_line_break() -> None:
    text = (' MERGEFIELD X \\f "', "<w:r><w:br/></w:r>", nested(" MERGEFIELD Y "), code('" '))
    assert filled(field(*text), x="A", y="B") == ["A\nB"]
    assert filled(run("C"), field(*text), x="", y="B") == ["C"]


def choice(*rest: str, name: str = " MERGEFIELD X ") -> str:
    """Return an IF that starts with a merge field."""
    return field(" IF ", nested(name), *(r if r.startswith("<") else code(r) for r in rest))


TESTS = [
    (' = "M" ', 'recipient.x == "M"'),
    ('="M"', 'recipient.x == "M"'),
    (" = M ", 'recipient.x == "M"'),
    (" = “M” ", 'recipient.x == "M"'),
    (' <> "M" ', 'recipient.x != "M"'),
    (" = 5 ", 'recipient.x == 5 or recipient.x == "5"'),
    (' <> "5" ', 'recipient.x != 5 and recipient.x != "5"'),
    (" > 5 ", "recipient.x > 5"),
    (" <= 2.5 ", "recipient.x <= 2.5"),
    (" >= -3 ", "recipient.x >= -3"),
    (' < "M" ', 'recipient.x < "M"'),
    (" = 02134 ", 'recipient.x == "02134"'),
    (' = "" ', 'recipient.x|default("") == ""'),
    (' <> " " ', 'recipient.x|default("") != ""'),
]


@pytest.mark.parametrize(("middle", "test"), TESTS)
def test_a_simple_if_becomes_a_condition(middle: str, test: str) -> None:
    text = tags("A ", choice(f'{middle}"yes" "no"'), " B")
    assert text == f"A {{% if {test} %}}yes{{% else %}}no{{% endif %}} B"
    span = next(f for f in find_tags(text))
    assert isinstance(span, TagSpan)
    assert check_tag(Tag("block", "", span.body, Place("a"))) == []


ANSWERS = [
    (' = "M" ', "M", "yes"),
    (' = "M" ', "m", "no"),
    (' <> "M" ', "", "yes"),
    (" = 5 ", WorkbookValue("5.00", 5), "yes"),
    (" = 5 ", "5", "yes"),
    (" = 5 ", WorkbookValue("$6", 6), "no"),
    (" <> 5 ", "5", "no"),
    (" > 5 ", WorkbookValue("1,000", 1000), "yes"),
    (" < 5 ", WorkbookValue("1,000", 1000), "no"),
    (" >= 5 ", 5, "yes"),
    (' = "" ', " ", "yes"),
    (' = "" ', WorkbookValue("FALSE", native=False), "no"),
    (' <> "" ', 0, "yes"),
]


@pytest.mark.parametrize(("middle", "value", "answer"), ANSWERS)
def test_an_if_decides_as_words_if_does(middle: str, value: TemplateValue, answer: str) -> None:
    assert filled(choice(f'{middle}"yes" "no"'), x=value) == [answer]


@pytest.mark.parametrize(
    ("middle", "value", "answer"),
    [
        *(
            (' = "1005" ', "1005", "yes"),
            (' = "1005" ', "S-12", "no"),
            (" = 1005 ", "1005.0", "yes"),
        ),
        *((' <> "1005" ', "S-12", "yes"), (' <> "1005" ', "01005", "no"), (" = 0 ", "", "no")),
        *((" > 5 ", "12", "yes"), (" < 5 ", "-3.5", "yes"), (" < 5 ", "", "no")),
        (" = -5 ", "-5", "yes"),
    ],
)
def test_an_if_compares_a_text_that_is_a_number_as_a_number(
    middle: str, value: str, answer: str
) -> None:
    letter = docx(paragraph(choice(f'{middle}"yes" "no"', name=" MERGEFIELD Recipient_X ")))
    template = compile_template(parse_package(letter, "a.docx"))
    recipient = {"x": WorkbookValue(value)}
    assert texts(template.fill(freeze({"recipient": recipient, "language": "en"}))) == [answer]


def test_an_if_may_compare_merge_fields_and_texts() -> None:
    same = field(" IF ", nested("MERGEFIELD X"), " = ", nested("MERGEFIELD Y"), ' "yes" "no" ')
    assert filled(same, x="A", y="A") == ["yes"]
    both = field(
        ' IF "', nested("MERGEFIELD X"), code(" "), nested("MERGEFIELD Y"), '" = "A B" 1 2'
    )
    assert filled(both, x="A", y="B") == ["1"]
    fixed = field(' IF "a" = "a" "', nested("MERGEFIELD X"), '" "no" ')
    assert filled(fixed, x="A") == ["A"]
    day = choice(' = "March" "yes" "no"', name=' MERGEFIELD X \\@ "MMMM" ')
    assert filled(day, x=dt.date(2026, 3, 4)) == ["yes"]
    lower = choice(' = "m" "yes" "no"', name=" MERGEFIELD X \\* Lower ")
    assert filled(lower, x="M") == ["yes"]


def test_the_texts_of_an_if_may_contain_merge_fields_ifs_breaks_and_formats() -> None:
    texts = ' = "M" "Mr ', nested(" MERGEFIELD Y \\* Upper "), code('" "'), code("Ms", BOLD)
    if_field = choice(*texts, "<w:r><w:br/></w:r>", code('x" '))
    assert filled(if_field, x="M", y="a") == ["Mr A"]
    assert filled(if_field, x="F", y="a") == ["Ms\nx"]
    assert run_formats(body(paragraph(if_field)), "Ms") == ["b"]
    assert run_formats(body(paragraph(if_field)), "Mr") == []
    inner = field(" IF ", nested("MERGEFIELD X"), ' = "B" "b" "c" ', result=code("c"))
    assert filled(choice(' = "A" "a" "', inner, '"'), x="B") == ["b"]
    assert filled(choice(' = "A" "a" ', inner), x="C") == ["c"]


def test_an_if_without_a_second_text_prints_nothing_instead() -> None:
    assert filled(run("-"), choice(' = "M" "yes"'), x="F") == ["-"]


def test_an_if_with_mergeformat_keeps_the_format_of_its_result() -> None:
    if_field = choice(' = "M" "yes" "no" \\* MERGEFORMAT').replace(run("«old»"), run("yes", BOLD))
    assert run_formats(body(paragraph(if_field)), "yes") == ["b"]


def test_a_line_of_an_if_that_only_tests_for_a_blank_is_removed() -> None:
    codes = [' <> "" "', nested("MERGEFIELD X"), '" ""'], [' = "" "" ', nested("MERGEFIELD X")]
    for rest in codes:
        assert tags(choice(*rest)) == "{{ recipient.x|optional }}"
        assert filled(paragraph(choice(*rest)) + paragraph("end"), x="") == ["end"]
    more = choice(' <> "" "c/o ', nested("MERGEFIELD X"), '" ""')
    assert filled(paragraph(more) + paragraph("end"), x="") == ["end"]
    assert filled(paragraph(more) + paragraph("end"), x="Ana") == ["c/o Ana", "end"]
    assert tags(choice(' = "" "none" "some"')).startswith("{% if")


OTHER_IFS = [
    (choice(' = "*land" "a" "b"'), '{% if "land" in recipient.x %}…{% else %}…{% endif %}'),
    (choice(' <> "B?" "a" "b"'), '{% if not ("B" in recipient.x) %}'),
    (choice(' "a" "b" "c"'), "{% if recipient.x == "),
    (choice(' = "a"'), "{% if recipient.x == "),
    (choice(' = "a" "b" "c" "d"'), '{% if recipient.x == "a" %}'),
    (choice(' = "a" "b" ', nested(" PAGE ")), '{% if recipient.x == "a" %}'),
    (choice(' = "a" "b" ', nested(" NEXT ")), '{% if recipient.x == "a" %}'),
    (choice(" > 5 1 2", name=' MERGEFIELD X \\@ "M" '), "{% if recipient.x > 5 %}"),
    (choice(" = 5 1 2", name=' MERGEFIELD X \\# "0" '), '{% if recipient.x == "5" %}'),
    (field(" IF bookmark = 1 ", nested("MERGEFIELD X")), "{% if recipient.x == "),
    (field(" IF ", nested("PAGE"), " = 1 ", nested("MERGEFIELD X"), ' "" '), "{% if recipient.x"),
    (field(" IF ", nested("MERGEFIELD X")), "{% if recipient.x == "),
]


@pytest.mark.parametrize(("other", "instead"), OTHER_IFS)
def test_a_complex_if_is_an_error_that_shows_the_condition_to_write(
    other: str, instead: str
) -> None:
    (problem,) = field_problems(other)
    assert problem.code == "field-not-usable"
    assert instead in problem.hint


def test_an_if_over_paragraphs_is_an_error() -> None:
    start = mark("begin") + code(" IF ") + nested("MERGEFIELD X") + code(' = "a" "b')
    (problem,) = converted(docx(paragraph(start) + paragraph(code('" "c" '), mark("end"))))[1]
    assert "several paragraphs" in problem.what
    assert '{% if recipient.x == "a" %}' in problem.hint
    assert "only blank placeholders are removed" in problem.hint


WRONG = [
    (" MERGEFIELD ", "field-not-usable"),
    (' MERGEFIELD "" ', "field-not-usable"),
    (" MERGEFIELD X \\* CardText ", "field-switch"),
    (" MERGEFIELD X \\* ", "field-switch"),
    (" MERGEFIELD X \\@ ", "field-switch"),
    (' MERGEFIELD X \\# "" ', "field-switch"),
    (" MERGEFIELD X \\b ", "field-switch"),
    (" MERGEFIELD X \\z ", "field-switch"),
    (" MERGEFIELD X \\", "field-switch"),
    (" MERGEFIELD X \\@ d \\# 0 ", "field-switch"),
]


@pytest.mark.parametrize(("text", "problem"), WRONG)
def test_a_wrong_switch_or_field_name_is_an_error(text: str, problem: str) -> None:
    for written in (field(text), simple(text)):
        (fault,) = field_problems(written)
        assert fault.code == problem


def test_pictures_and_paragraphs_in_a_switchs_text_are_errors() -> None:
    shown = "<w:r><w:drawing/></w:r>"
    (problem,) = field_problems(field(' MERGEFIELD X \\f "', shown, code('" ')))
    assert problem.code == "field-not-usable"
    (problem,) = field_problems(field(' MERGEFIELD X \\f "', nested("PAGE"), code('" ')))
    assert problem.code == "field-not-usable"
    (problem,) = field_problems(field(" MERGEFIELD ", nested("PAGE")))
    assert "is itself a field" in problem.what
    start = mark("begin") + code(' MERGEFIELD X \\f "')
    (problem,) = converted(docx(paragraph(start) + paragraph(code('" '), mark("end"))))[1]
    assert "blank lines are removed" in problem.hint
