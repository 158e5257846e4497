"""Problems of filling: unusable cells, pairs, languages, missing values."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from support.campaigns import letters, make, merge, text
from support.checked_campaigns import checked, found_problems
from support.documents import paragraph, table
from support.everyday import everyday
from support.field_markup import field
from support.filled_letters import texts
from support.workbooks import Formatted, Rows

UNUSABLE_VALUES = [
    ("#N/A", "cell-error"),
    ("#REF!", "cell-error"),
    ("=1+1", "formula-without-value"),
    ("Oslo_x000B_", "character-forbidden"),
]


@pytest.mark.parametrize(("value", "code"), everyday(UNUSABLE_VALUES))
def test_an_unusable_cell_that_a_letter_needs_is_an_error(
    tmp_path: Path, value: str, code: str
) -> None:
    rows: list[list[Any]] = [["Name", "Town"], ["One", "Rome"], ["Two", value]]
    templates = (
        *("In {{ recipient.town }}.", "{{ recipient.town }}", "{{ recipient.town|default('x') }}"),
        *("{% if recipient.town %}x{% endif %}", "{{ recipient.town|optional }}"),
    )
    for template in templates:
        assert found_problems(tmp_path, template, Recipients=rows) == [f"{code} Recipients!B3"], (
            template
        )
        assert checked(tmp_path, template, Recipients=rows)["ready"] == 2


@pytest.mark.parametrize(("value", "code"), UNUSABLE_VALUES)
def test_an_unusable_cell_that_no_letter_needs_is_no_problem(
    tmp_path: Path, value: str, code: str
) -> None:
    rows: list[list[Any]] = [["Name", "Town"], ["One", "Rome"], ["Two", value]]
    branch = "{% if recipient.name == 'One' %}In {{ recipient.town }}.{% endif %}"
    assert found_problems(tmp_path, branch, Recipients=rows) == []
    assert [p for p in found_problems(tmp_path, Recipients=rows) if code in p] == []


def test_a_blank_may_depend_on_both_people(tmp_path: Path) -> None:
    signers = [["Name", "Town", "Street"], ["Ana", "Rome", None], ["Bo", "Oslo", None]]
    recipients = [["Name", "Town"], ["Li", "Rome"], ["Roy", "Bonn"]]
    condition = "{% if signer.town == recipient.town %}We met in {{ signer.street }}.{% endif %}"
    sheets: dict[str, Rows] = {"Signers": signers, "Recipients": recipients}
    assert found_problems(tmp_path, condition, **sheets) == ["blank-in-sentence Signers!C2"]
    assert checked(tmp_path, condition, **sheets)["ready"] == 3
    assert merge("letters", tmp_path, "--skip-errors").code == 1
    assert list(letters(tmp_path)) == ["Ana/Roy.docx", "Bo/Li.docx", "Bo/Roy.docx"]


def test_a_blank_counts_only_in_pairs_that_exist(tmp_path: Path) -> None:
    signers = [["Name", "Town"], ["Ana", None], ["Bo", "Oslo"]]
    say = "{% if recipient.name == 'Li' %}I live in {{ signer.town }}.{% endif %}"
    sheets: dict[str, Rows] = {"Signers": signers, "Recipients": [["Name"], ["Li"], ["Roy"]]}
    pairs = [["Signer", "Recipient"], ["Ana", "Roy"], ["Bo", "Li"]]
    assert found_problems(tmp_path, say, Pairs=pairs, **sheets) == []
    assert found_problems(tmp_path, say, **sheets) == ["blank-in-sentence Signers!B2"]


def test_a_blank_field_of_pairs_is_checked_pair_by_pair(tmp_path: Path) -> None:
    pairs = [["Signer", "Recipient", "Reason"], ["*", "*", None], ["Ana Ruiz", "*", "We met."]]
    result = checked(tmp_path, "I write because {{ pair.reason }}", Pairs=pairs)
    assert ({p["code"] for p in result["problems"]}, result["ready"]) == ({"blank-in-sentence"}, 2)
    for template in ("{{ pair.reason }}", "Since {{ pair.reason|default('x') }}"):
        assert found_problems(tmp_path, template, Pairs=pairs) == []
    with_reason_for_all = [*pairs[:1], ["*", "*", "I must."], *pairs[2:]]
    assert (
        found_problems(tmp_path, "I write because {{ pair.reason }}", Pairs=with_reason_for_all)
        == []
    )


def test_an_unusable_cell_of_pairs_that_a_letter_needs_is_an_error(tmp_path: Path) -> None:
    pairs = [["Signer", "Recipient", "Reason"], ["*", "*", "#N/A"]]
    assert found_problems(tmp_path, "{{ pair.reason }}", Pairs=pairs) == ["cell-error Pairs!C2"]
    assert found_problems(tmp_path, "x", Pairs=pairs) == []
    pairs = [["Signer", "Recipient", "Reason"], ["*", "*", "We met."], ["Ana Ruiz", "*", "#N/A"]]
    assert checked(tmp_path, "{{ pair.reason }}", Pairs=pairs)["ready"] == 2


DECIDING: list[tuple[str, str, dict[str, Rows]]] = [
    ("Template", "Recipients", {}),
    ("Language", "Recipients", {}),
    ("Town", "Recipients", {"Settings": [["Match", "Town"]]}),
    ("Town", "Signers", {"Settings": [["Match", "Town"]]}),
]
"""Columns that decide about letters, their sheets and required settings."""


@pytest.mark.parametrize("value_and_code", [UNUSABLE_VALUES[0], *UNUSABLE_VALUES[2:]])
@pytest.mark.parametrize(("heading", "sheet", "others"), DECIDING)
def test_an_unusable_cell_that_decides_about_letters_blocks_the_persons_letters(
    tmp_path: Path,
    heading: str,
    sheet: str,
    others: dict[str, Rows],
    value_and_code: tuple[str, str],
) -> None:
    value, code = value_and_code
    rows: list[list[Any]] = [
        ["Name", heading, "Include"],
        ["Li", value, None],
        ["Roy", None, "yes"],
    ]
    other: Rows = [["Name", heading], ["Ana", None]]
    sheets: dict[str, Rows] = {"Signers": other, "Recipients": other, **others, sheet: rows}
    assert found_problems(tmp_path, "x", **sheets) == [f"{code} {sheet}!B2"]
    assert checked(tmp_path, "x", **sheets)["ready"] == 1
    template = f"{{{{ {sheet.lower()[:-1]}.{heading.lower()} }}}}"
    assert found_problems(tmp_path, template, **sheets) == [f"{code} {sheet}!B2"]
    rows[1][2] = "no"
    assert found_problems(tmp_path, "x", **sheets) == []


@pytest.mark.parametrize(
    ("heading", "others"),
    [("Name checked", {}), ("Town", {"Settings": [["Name", "Value"], ["Sort by", "Town"]]})],
)
def test_an_unusable_cell_that_only_sorts_or_confirms_is_a_warning(
    tmp_path: Path, heading: str, others: dict[str, Rows]
) -> None:
    value, code = UNUSABLE_VALUES[0]
    rows: Rows = [["Name", heading], ["Ana", None], ["Bo", value]]
    problems = found_problems(tmp_path, "{{ recipient.name }}", Signers=rows, **others)
    assert f"?{code} Signers!B3" in problems
    assert checked(tmp_path, "{{ recipient.name }}", Signers=rows, **others)["ready"] == 4


def test_a_blank_setting_is_reported_at_its_cell(tmp_path: Path) -> None:
    settings = [["Name", "Value"], ["Deadline", None]]
    problems = found_problems(tmp_path, "By {{ settings.deadline }}.", Settings=settings)
    assert problems == ["blank-in-sentence Settings!B2"]
    assert found_problems(tmp_path, "{{ settings.deadline }}", Settings=settings) == []


GERMAN = "{% if language == 'de' %}Ich wohne in {{ signer.town }}.{% endif %}"


def test_a_condition_for_one_language_counts_if_letters_are_in_it(tmp_path: Path) -> None:
    signers = [["Name", "Town"], ["Ana", None], ["Bo", "Oslo"]]
    recipients = [["Name", "Language"], ["Rat Huber", "de"], ["Consul Roy", None]]
    sheets: dict[str, Rows] = {"Signers": signers, "Recipients": recipients}
    assert found_problems(tmp_path, GERMAN, **sheets) == ["blank-in-sentence Signers!B2"]
    assert checked(tmp_path, GERMAN, **sheets)["ready"] == 3
    other = [["Name", "Language"], ["Rat Huber", "fr"], ["Consul Roy", None]]
    assert found_problems(tmp_path, GERMAN, **{**sheets, "Recipients": other}) == []


def test_a_condition_for_the_default_language_does_not_count_if_no_letter_is_in_it(
    tmp_path: Path,
) -> None:
    signers = [["Name", "Town"], ["Ana", None]]
    recipients = [["Name", "Language"], ["Rat Huber", "fr"]]
    settings = [["Name", "Value"], ["Language", "de"]]
    sheets: dict[str, Rows] = {"Signers": signers, "Recipients": recipients, "Settings": settings}
    assert found_problems(tmp_path, GERMAN, **sheets) == []
    assert text(_first_letter(tmp_path)) == []


def _first_letter(folder: Path) -> Path:
    merge("letters", folder)
    return next(iter(letters(folder).values()))


def test_a_setting_in_a_condition_for_one_language_is_checked_in_that_language(
    tmp_path: Path,
) -> None:
    say = "{% if language == 'de' %}Bis {{ settings.deadline }}.{% endif %}"
    sheets: dict[str, Rows] = {"Settings": [["Name", "Value"], ["Deadline", None]]}
    german = [["Name", "Language"], ["Rat Huber", "de"]]
    assert found_problems(tmp_path, say, Recipients=german, **sheets) == [
        "blank-in-sentence Settings!B2"
    ]
    assert found_problems(tmp_path, say, **sheets) == []


@pytest.mark.parametrize(
    "tag",
    everyday(
        [
            "{{ (recipient.town|lines)[3] }}",
            "{% if recipient.town[0] == 'a' %}x{% endif %}",
            "{{ recipient.town.first }} x",
            "{{ recipient.name.town }}",
            "{{ loop.index }} x",
            "{% for l in recipient.town|lines %}{{ l.town }} x{% endfor %}",
            "{{ recipient.town|lines }}",
        ],
        daily=range(5),
    ),
)
def test_a_placeholder_without_a_value_is_an_error_of_the_check(tmp_path: Path, tag: str) -> None:
    rows = [["Name", "Town"], ["Minister Li", "a\nb"]]
    make(tmp_path, tag, Recipients=rows)
    result = merge("check", tmp_path, "--json")
    assert (result.code, result.json["ready"]) == (1, 0), result.err
    assert sum(p["level"] == "error" for p in result.json["problems"]) == 1
    assert merge("letters", tmp_path, "--json").json["problems"] == result.json["problems"]


def test_a_cell_that_is_not_a_date_is_reported_for_the_date_filter(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Name", "Born"], ["Li", dt.date(1980, 1, 2)], ["Roy", "in May"]]
    rows.append(["Kim", 1980])
    problems = found_problems(tmp_path, "Born on {{ recipient.born|date }}.", Recipients=rows)
    assert problems == ["not-a-date Recipients!B3", "not-a-date Recipients!B4"]


def test_a_cell_that_is_not_a_number_is_reported_for_the_number_filter(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Name", "Sum"], ["Li", 1980], ["Roy", "many"], ["Kim", "12"]]
    problems = found_problems(tmp_path, "It cost {{ recipient.sum|number }}.", Recipients=rows)
    assert problems == ["not-a-number Recipients!B3", "not-a-number Recipients!B4"]


@pytest.mark.parametrize("tag", ["{{ recipient.sum|number('x') }}", "{{ date|date('bbb') }}"])
def test_an_invalid_format_of_a_filter_is_an_error(tmp_path: Path, tag: str) -> None:
    rows: list[list[Any]] = [["Name", "Sum"], ["Li", 1980]]
    problems = found_problems(tmp_path, f"{{{{ recipient.sum }}}} {tag}", Recipients=rows)
    assert [line.split()[0] for line in problems] == ["not-a-pattern"]


@pytest.mark.parametrize("form", ["tag", "field"])
def test_a_cell_without_a_time_is_reported_for_a_format_with_time(
    tmp_path: Path, form: str
) -> None:
    """The format is right: a cell with a time, even midnight, prints it."""
    moment = Formatted(dt.datetime(2026, 3, 4), "d mmm yyyy hh:mm")  # noqa: DTZ001 - Excel's own
    rows: Rows = [["Name", "Day"], ["Li", moment], ["Roy", dt.date(2026, 3, 4)]]
    body = "On {{ recipient.day|date('d MMM yyyy HH:mm') }}."
    if form == "field":
        body = paragraph("On ", field(' MERGEFIELD recipient_day \\@ "d MMM yyyy HH:mm" '), ".")
    folder = make(tmp_path, body, Recipients=rows)
    errors = [p for p in merge("check", folder, "--json").json["problems"] if p["level"] == "error"]
    assert [(p["code"], p["where"]) for p in errors] == [
        ("time-missing", "signers.xlsx, Recipients!B3")
    ]
    assert ("|date" in errors[0]["message"]) == (form == "tag")
    merge("letters", folder, "--skip-errors")
    shown = [texts(path.read_bytes())[0] for path in letters(folder).values()]
    assert set(shown) == {"On 4 Mar 2026 00:00."}


def test_problems_of_a_merge_field_mention_its_switch_and_no_filter(tmp_path: Path) -> None:
    rows: Rows = [["Name", "Day", "Sum"], ["Li", "in May", "many"]]
    fields = (field(f" MERGEFIELD recipient_{code} ") for code in ('day \\@ "d"', 'sum \\# "0"'))
    folder = make(tmp_path, paragraph(*fields), Recipients=rows)
    hints = [p["hint"] for p in merge("check", folder, "--json").json["problems"]]
    assert any("remove the switch \\@" in hint for hint in hints)
    assert any("remove the switch \\#" in hint for hint in hints)
    assert not any("|" in hint for hint in hints)


@pytest.mark.parametrize(
    "test",
    everyday(
        ["< 3", "<= 3", "> 3", ">= 3", "== 3", "!= 3", "== 3 or recipient.name", "in [3, 4]"],
        daily=range(2),
    ),
)
def test_a_text_compared_with_a_number_is_an_error_at_the_condition(
    tmp_path: Path, test: str
) -> None:
    rows: list[list[Any]] = [["Name", "Years"], ["Li", 3], ["Roy", "three"], ["Kim", None]]
    template = f"x\n{{% if recipient.years {test} %}}So long.{{% endif %}}"
    assert found_problems(tmp_path, template, Recipients=rows) == ["compared-with-text body 2"]
    assert checked(tmp_path, template, Recipients=rows)["ready"] == 4
    assert found_problems(tmp_path, template, Recipients=[rows[0], rows[1], rows[3]]) == []


@pytest.mark.parametrize("test", ["== 'three'", "!= 'three'", "== recipient.years", "in ['3']"])
def test_a_text_compared_with_a_text_is_no_problem(tmp_path: Path, test: str) -> None:
    rows: list[list[Any]] = [["Name", "Years"], ["Li", 3], ["Roy", "three"], ["Kim", None]]
    template = f"{{% if recipient.years {test} %}}So long.{{% endif %}}"
    assert found_problems(tmp_path, template, Recipients=rows) == []


@pytest.mark.parametrize(
    ("tag", "invalid", "valid"),
    [
        ("{% colspan recipient.wide %}", "x", 2),
        ("{% colspan recipient.wide %}", None, 2),
        ("{% cellbg recipient.wide %}", "blue!", "FF0000"),
    ],
)
def test_an_invalid_span_or_colour_is_an_error_of_the_check(
    tmp_path: Path, tag: str, invalid: str | None, valid: object
) -> None:
    body = table([f"{tag}{{{{ recipient.name }}}}", "x"])
    result = checked(tmp_path, body, Recipients=[["Name", "Wide"], ["Li", invalid], ["Roy", valid]])
    assert [p["level"] for p in result["problems"]] == ["error"]
    assert result["ready"] == 2
    assert found_problems(tmp_path, body, Recipients=[["Name", "Wide"], ["Roy", valid]]) == []


@pytest.mark.parametrize(
    ("pattern", "place"),
    everyday(
        [
            ("{{ signer.nmae }}", "Settings!B2"),
            ("{{ signer.name", "Settings!B2"),
            ("{{ signer.name|date }}", "Settings!B2"),
            ("{{ signer.town }}/{{ recipient.name }}", "Signers!B2"),
            ("{{ signer.years|number }}", "Settings!B2"),
            ("{% if signer.years < 3 %}x{% endif %}{{ signer.name }}", "Settings!B2"),
        ],
        daily=range(5),
    ),
)
def test_the_file_name_setting_is_checked_like_a_placeholder(
    tmp_path: Path, pattern: str, place: str
) -> None:
    signers = [["Name", "Town", "Years"], ["Ana", "#N/A", "many"], ["Bo", "Rome", "few"]]
    settings = [["Name", "Value"], ["File name", pattern], ["Pages", "x"]]
    make(tmp_path, "x", Signers=signers, Settings=settings)
    result = merge("check", tmp_path, "--json")
    places = {p["where"] for p in result.json["problems"] if p["level"] == "error"}
    assert places == {f"signers.xlsx, {place}", "signers.xlsx, Settings!B3"}
    assert result.code == 1
    assert merge("letters", tmp_path).code == 1
