"""Blanks in sentences: reported at the cell to fill, unless allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.checked_campaigns import checked, found_problems
from support.documents import docx, table
from support.everyday import everyday
from support.workbooks import Rows

THREE: Rows = [
    ["Name", "Town", "Title"],
    ["Minister Li", "Beijing", None],
    ["Consul Roy", None, "Dr"],
    ["Judge Kim", None, None],
]
BLANK = ["blank-in-sentence Recipients!B3", "blank-in-sentence Recipients!B4"]


def blanks(folder: Path, template: str | bytes, **sheets: Rows) -> list[str]:
    """Return the errors of a campaign with blank towns and titles.

    Recipients 2 and 3 have no town, 1 and 3 no title.
    """
    problems = found_problems(folder, template, **{"Recipients": THREE, **sheets})
    return [line for line in problems if not line.startswith("?")]


@pytest.mark.parametrize(
    "sentence",
    everyday(
        [
            "I was in {{ recipient.town }} once.",
            "{{ recipient.town }} is far.",
            "Far is {{ recipient.town }}",
            "Town: {{ recipient.town }}",
            "{{ recipient.town|upper }} is far.",
            "{{ recipient.town|replace('a', 'b') }} is far.",
            "{{ recipient.town|lines|join(', ') }} is far.",
            "{{ recipient.town|lines|first }} is far.",
            "{{ recipient.town ~ '' }} is far.",
            "{{ recipient.town if recipient.name else 'x' }} is far.",
            "{{ recipient.town if recipient.name }} is far.",
            "{{ '' if recipient.name == '' else recipient.town }} is far.",
            "{{ 'x' ~ (recipient.town if recipient.name) }} is far.",
            "{% if recipient.name %}To {{ recipient.town }}.{% endif %}",
            "{% if not recipient.name %}x{% else %}To {{ recipient.town }}.{% endif %}",
            (
                "{% if recipient.name == '' %}x"
                "{% elif recipient.name %}To {{ recipient.town }}{% endif %}"
            ),
            "{% for line in recipient.name|lines %}{{ line }} of {{ recipient.town }}{% endfor %}",
            "{{ recipient.name }}\n{{ recipient.town }}\nFar is {{ recipient.town }}.",
            "Far is {{ recipient.town }}.\n{{ recipient.town }}",
        ],
        daily=range(5),
    ),
)
def test_a_blank_in_a_sentence_is_an_error_at_the_cell_to_fill(
    tmp_path: Path, sentence: str
) -> None:
    assert blanks(tmp_path, sentence) == BLANK
    filled = [["Name", "Town"], ["Minister Li", "Beijing"], ["Consul Roy", "Delhi"]]
    assert found_problems(tmp_path, sentence, Recipients=filled) == []


@pytest.mark.parametrize(
    "text",
    everyday(
        [
            "I was {{ 'in ' ~ recipient.town if recipient.town else '' }} once.",
            "I was {{ 'in ' ~ recipient.town if recipient.town }} once.",
            "I was {{ 'there ' if recipient.town == 'Beijing' }}once.",
            "I was {{ '' if recipient.town == 'Beijing' else 'not' }} there.",
            "To {% for x in recipient.name|lines %}{{ x }}{{ ', ' if not loop.last }}{% endfor %}.",
            "{{ recipient.town }}",
            "{{ recipient.town }}, {{ recipient.title }}",
            "({{ recipient.town }})",
            "{{ recipient.name }}\n{{ recipient.title }} {{ recipient.town }}",
            "I was in {{ recipient.town|optional }} once.",
            "I was in {{ recipient.town|upper|optional }} once.",
            "I was in {{ recipient.town|optional|upper }} once.",
            "I was in {{ recipient.town|default('the town') }} once.",
            "I was in {{ recipient.town|default('') }} once.",
            "{% if recipient.town %}I was in {{ recipient.town }} once.{% endif %}",
            "{%p if recipient.town %}\nI was in {{ recipient.town }} once.\n{%p endif %}",
            "{% if recipient.town %}{% if date %}In {{ recipient.town }}.{% endif %}{% endif %}",
            "{% if not recipient.town %}No.{% else %}In {{ recipient.town }}{% endif %}",
            (
                "{% if recipient.name == '' %}x"
                "{% elif recipient.town %}In {{ recipient.town }}{% endif %}"
            ),
            "{% if recipient.town and recipient.name %}In {{ recipient.town }}{% endif %}",
            "{% if recipient.town == 'Beijing' %}In {{ recipient.town }}{% endif %}",
            "{% if recipient.name == 'Minister Li' %}In {{ recipient.town }}{% endif %}",
            "{% if recipient.name == 'Li' %}In {{ recipient.town }}{% endif %}",
            "{% if recipient.title %}x{% elif recipient.town %}In {{ recipient.town }}.{% endif %}",
            "Far, {{ 'in ' ~ recipient.town if recipient.town else 'away' }}.",
            "{% for line in recipient.town|lines %}In {{ line }}.{% endfor %}",
        ],
        daily=range(8),
    ),
)
def test_a_blank_that_the_template_allows_is_no_error(tmp_path: Path, text: str) -> None:
    assert blanks(tmp_path, text) == []


def test_an_if_allows_a_blank_only_for_the_value_that_it_tests(tmp_path: Path) -> None:
    tests_name = "{% if recipient.name %}In {{ recipient.town }}.{% endif %}"
    assert blanks(tmp_path, tests_name) == BLANK
    after_condition = "{% if recipient.town %}x{% endif %} In {{ recipient.town }}."
    assert blanks(tmp_path, after_condition) == BLANK
    in_else = "{% if recipient.town %}x{% else %}In {{ recipient.town }}.{% endif %}"
    assert blanks(tmp_path, in_else) == BLANK
    unequal = "{% if recipient.town != 'Rome' %}In {{ recipient.town }}.{% endif %}"
    assert blanks(tmp_path, unequal) == BLANK


def test_a_blank_joined_to_words_is_a_blank_in_a_sentence(tmp_path: Path) -> None:
    assert blanks(tmp_path, "Dear {{ 'Mr ' ~ recipient.town }},") == BLANK


def test_a_blank_counts_only_in_the_branch_of_an_if_that_is_used(tmp_path: Path) -> None:
    rows: Rows = [
        ["Name", "Kind", "A", "B", "C"],
        *(["One", "a", None, "b", "c"], ["Two", "b", "a", None, "c"]),
        *(["Three", "z", "a", "b", None], ["Four", None, "a", "b", "c"]),
    ]
    chain = "{% if recipient.kind == 'a' %}To {{ recipient.a }}"
    chain += "{% elif recipient.kind == 'b' %}To {{ recipient.b }}"
    chain += "{% else %}To {{ recipient.c }}{% endif %}."
    assert blanks(tmp_path, chain, Recipients=rows) == [
        "blank-in-sentence Recipients!C2",
        "blank-in-sentence Recipients!D3",
        "blank-in-sentence Recipients!E4",
    ]
    assert checked(tmp_path, chain, Recipients=rows)["ready"] == 2


def test_a_blank_in_a_nested_if_counts_if_both_conditions_hold(tmp_path: Path) -> None:
    rows = [["Name", "Kind", "A"], ["One", "a", None], ["Two", "b", None]]
    nested = "{% if recipient.kind %}{% if recipient.kind == 'b' %}To {{ recipient.a }}.{% endif %}"
    assert blanks(tmp_path, f"{nested}{{% endif %}}", Recipients=rows) == [
        "blank-in-sentence Recipients!C3"
    ]


def test_a_loop_over_nothing_prints_no_blank(tmp_path: Path) -> None:
    rows = [["Name", "List", "Town"], ["One", "a\nb", None], ["Two", None, None]]
    loop = "{% for line in recipient.list|lines %}{{ line }} in {{ recipient.town }}.{% endfor %}"
    assert blanks(tmp_path, loop, Recipients=rows) == ["blank-in-sentence Recipients!C2"]
    first = loop.replace("{{ line", "{% if loop.last %}{% endif %}{{ line")
    assert blanks(tmp_path, first, Recipients=rows) == ["blank-in-sentence Recipients!C2"]


def test_a_blank_in_a_sentence_is_found_in_headers_tables_and_rows(tmp_path: Path) -> None:
    sentence = "In {{ recipient.town }}."
    assert blanks(tmp_path, docx("x", header=sentence)) == BLANK
    assert blanks(tmp_path, docx("x", footnotes=sentence)) == BLANK
    assert blanks(tmp_path, table(["x", sentence])) == BLANK
    row = table(["{%tr if recipient.name %}"], [sentence], ["{%tr endif %}"])
    assert blanks(tmp_path, row) == BLANK


def test_a_cell_of_invisible_characters_is_a_blank_in_a_sentence(tmp_path: Path) -> None:
    rows = [["Name", "Town"], ["One", "  "], ["Two", "\u200b"], ["Three", "\n"], ["Four", "x"]]
    problems = blanks(tmp_path, "In {{ recipient.town }}.", Recipients=rows)
    assert problems == [f"blank-in-sentence Recipients!B{row}" for row in (2, 3, 4)]


def test_a_number_0_and_a_no_are_not_blank(tmp_path: Path) -> None:
    rows = [["Name", "Town"], ["One", 0], ["Two", False], ["Three", "no"]]
    assert blanks(tmp_path, "In {{ recipient.town }}.", Recipients=rows) == []


@pytest.mark.parametrize("sheet", ["Signers", "Recipients"])
def test_a_blank_salutation_is_an_error_even_alone_in_its_line(tmp_path: Path, sheet: str) -> None:
    tag = f"{sheet[:-1].lower()}.salutation"
    rows = [["Name", "Salutation"], ["Ana Moe", "Dr"], ["Bo Li", None]]
    assert found_problems(tmp_path, f"{{{{ {tag} }}}}", **{sheet: rows}) == [
        f"blank-in-sentence {sheet}!B3"
    ]
    for template in (f"{{{{ {tag}|optional }}}}", f"{{% if {tag} %}}{{{{ {tag} }}}}{{% endif %}}"):
        assert found_problems(tmp_path, template, **{sheet: rows}) == []


def test_a_blank_name_is_an_error_in_any_template(tmp_path: Path) -> None:
    rows = [["Name", "Town"], ["Ana Moe", "Rome"], [None, "Oslo"]]
    problems = found_problems(tmp_path, "{{ recipient.town|optional }}", Recipients=rows)
    assert problems == ["name-missing Recipients!A3"]


def test_a_salutation_in_pairs_may_be_blank_alone_in_its_line(tmp_path: Path) -> None:
    pairs = [["Signer", "Recipient", "Salutation"], ["*", "*", None]]
    assert found_problems(tmp_path, "{{ pair.salutation }}\nDear friend,", Pairs=pairs) == []


def test_the_message_about_a_blank_contains_its_placeholder(tmp_path: Path) -> None:
    sentence = "I write to you today with a heavy heart and many words, from {{ recipient.town }}."
    problems = checked(tmp_path, sentence, Recipients=[["Name", "Town"], ["Li", None]])["problems"]
    assert "{{ recipient.town }}" in problems[0]["message"]
