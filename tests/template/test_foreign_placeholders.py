"""Placeholders of other programs are reported, similar texts are not."""

from __future__ import annotations

import re

import pytest
from support.documents import block, paragraph
from support.field_markup import field
from support.filled_letters import problem_texts, template

from merge.problems import Place, Problem
from merge.template.foreign_placeholders import (
    FOREIGN_STYLES,
    ForeignStyle,
    find_foreign_body,
    find_foreign_placeholders,
)
from merge.template.tags import FieldsBySheet

COLUMNS = FieldsBySheet(
    {"recipient": frozenset({"город", "name", "postal_code"}), "signer": frozenset({"name"})},
    "",
    frozenset({"Город", "Name", "Postal code"}),
)
FOREIGN = [
    ("«Name»", "error"),
    ("«Postal code»", "error"),
    ("«Postal_code»", "error"),
    ("«Recipient_Name»", "error"),
    ("слово «Город»", "error"),
    ("слово «город»", "warning"),
    ("«Postal_town»", "warning"),
    ("<<Name>>", "error"),
    ("<<Nmae>>", "warning"),
    ("{Name}", "error"),
]


@pytest.mark.parametrize(("text", "level"), FOREIGN)
def test_a_typed_foreign_placeholder_is_reported(text: str, level: str) -> None:
    (problem,) = find_foreign_placeholders(text, COLUMNS, Place("a"))
    assert (problem.code, problem.level) == ("tag-foreign", level)
    assert ("quotation" in problem.hint) == ("«" in text)


@pytest.mark.parametrize(
    "text",
    [
        *("«спасибо»", "«Le Monde»", "«\u00a0ORSYS\u00a0»", "«\u202fName\u202f»", "« Name »"),
        *("«____» __ 20__", "«\u00a0»", "«»", "«_»", "{____}", "<<___>>", "«merci»", "«متشکرم»"),
    ],
)
def test_a_quotation_and_a_blank_to_fill_in_are_not_reported(text: str) -> None:
    assert list(find_foreign_placeholders(text, COLUMNS, Place("a"))) == []


# One line for each style of placeholder: for an existing column, and for a missing one.

WRITTEN = [
    *("[[{}]]", "[[ recipient.{} ]]", "%{}%", "%%{}%%", "<{}>", "[{}]", "${}$", "*|{}|*"),
    *("<<[x.{}]>>", "<<{}>>", "${{{}}}", "${{?{}}}", "{{{}}}", "{{d.{}}}", "{{{}:upper}}"),
    *("{{ {{ {} }} }}", "##{}##", "@@{}@@"),
]


def foreign(text: str) -> list[Problem]:
    return list(find_foreign_placeholders(text, COLUMNS, Place("a")))


@pytest.mark.parametrize("written", WRITTEN)
def test_a_foreign_placeholder_is_only_an_error_if_a_column_has_its_name(written: str) -> None:
    (known,) = foreign(f"Dear {written.format('Postal_code')},")
    assert (known.level, known.code) == ("error", "tag-foreign")
    assert "recipient.postal_code" in known.hint
    (unknown,) = foreign(f"Dear {written.format('Town')},")
    assert unknown.level == "warning"
    assert "recipient.town" in unknown.hint


def test_the_hint_for_a_name_that_no_column_has_begins_with_the_column() -> None:
    (problem,) = foreign("Dear {nama},")
    added = "add a “nama” column, then write {{ recipient.nama }}."
    assert problem.hint == f"To fill it in, {added}"
    (problem,) = foreign("until {settings.deadline}")
    added = "add a “deadline” row to the Settings sheet, then write {{ settings.deadline }}."
    assert added in problem.hint


def test_every_style_of_foreign_placeholder_is_tested_here() -> None:
    messages = {problem.what for text in WRITTEN for problem in foreign(text.format("Town"))}
    styles = [
        style for style in FOREIGN_STYLES if style.warning_rule != "quoted" and style.programs
    ]
    assert [s for s in styles if not any(f"({s.programs})" in what for what in messages)] == []


@pytest.mark.parametrize(
    "text",
    [
        *(
            "[letter.docx]",
            "[Content_Types].xml",
            "[MS-DOCX]",
            "{Note: see page 2}",
            "[Sales].[All Sales]",
        ),
        *("[sic]", "[…]", "[1]", "[12, 13]", "[Smith 2009]", "[T]he", "[They] left", "[a]", "[ ]"),
        *("<name@example.org>", "<https://example.org/Name>", "a < b and c > d", "x <y> z", "<3"),
        *("5 %", "50 % and 20 %", "50% and 20%", "100%", "/caf%C3%A9s%20%C3%A9", "%20Name%20"),
        *("$5", "$5 and $6", "US$ and $", "5$ x$", "$x", "a$b$c", "[the name](https://x.org)"),
        *("<b>Name</b>", "<name>Ana</name>", "<br/><Name/>", "<NAME>x</NAME>", "##", "@@", "* | *"),
    ],
)
def test_text_that_only_looks_like_a_foreign_placeholder_is_not_reported(text: str) -> None:
    assert foreign(text) == []


def test_an_xml_element_in_a_separate_paragraph_is_not_a_placeholder() -> None:
    """A sample of XML over several paragraphs, recognised by an end tag."""
    assert template(block("Home:\n <Town>\nBonn\n </Town>")).problems == ()
    assert len(template(block("Home:\n <Town>\nBonn")).problems) == 1


def test_two_adjacent_foreign_placeholders_are_both_found() -> None:
    assert [re.findall("“(.+?)”", p.what)[0] for p in foreign("%Town%%Name%")] == [
        "%Town%",
        "%Name%",
    ]


def test_the_hint_how_to_print_a_foreign_placeholder_is_not_reported_again() -> None:
    for written in ("[Name]", "<Name>", "%Name%", "$Name$"):
        (problem,) = foreign(written)
        before, _, text = problem.hint.partition("If it is text, write ")
        assert before
        assert foreign(text.removesuffix(".")) == []


SECTIONS = [
    *("{{#x}}", "{{#if x}}", "{{#each x}}", "{{/each}}", "{{else}}", "{{?x}}", "{{^x}}", "{{@x}}"),
    *("{{{x}}}", "{{.x}}", "{{if .x}}", "{{x}:format(dd MMM)}", "{#x}"),
]


@pytest.mark.parametrize("written", SECTIONS)
def test_a_section_of_another_program_is_reported_with_the_ways_to_write_it(written: str) -> None:
    first_line = problem_texts(f"Dear {written},").splitlines()[0]
    assert "is a placeholder of another program" in first_line
    assert "{% if signer.title %}…{% endif %}" in first_line


def test_a_merge_field_or_a_column_with_the_name_of_a_section_is_not_a_section() -> None:
    assert problem_texts(paragraph(field(" MERGEFIELD #end "))) == ""
    assert find_foreign_body("end", "{{ end }}", COLUMNS, Place("a"))
    columns = FieldsBySheet({"recipient": frozenset({"end"})})
    assert find_foreign_body("end", "{{ end }}", columns, Place("a")) is None


@pytest.mark.parametrize("style", FOREIGN_STYLES, ids=lambda style: style.opening)
def test_no_pattern_of_a_foreign_placeholder_reads_on_without_an_end(style: ForeignStyle) -> None:
    """The text read after each character is limited, so the work is linear."""
    signs = re.sub(r"\\.|\[(?:\\.|[^\]])*\]", "x", style.pattern)
    assert re.search(r"[*+]|\{\d*,\}", signs) is None
