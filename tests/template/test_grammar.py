"""What a tag may say: an allow-list. A template is data, never a program."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from support.documents import block, docx, table
from support.filled_letters import faults, fill, lines, said, template
from support.hostile_templates import ACROSS_PARTS, BLOCKS, BOMBS, CODE, HARMLESS

from merge.model import DataError, Place, Value
from merge.template.filters import TEMPLATE_FILTERS, TemplateValue, is_blank
from merge.template.jinja import compile_text

ATTACKS = [*CODE, *BLOCKS, *BOMBS, *ACROSS_PARTS]
PLACE = Place("s.xlsx", "Settings", 2, 3)
DAY = dt.date(2026, 3, 4)
VALUES: dict[str, TemplateValue] = {
    "t": "o'neill & sons",
    "z": Value(""),
    "n": Value("1,234.50", 1234.5),
    "d": Value("04/03/26", DAY),
    "moment": dt.datetime(2026, 3, 4, 15, 30),  # noqa: DTZ001 - Excel knows no time zones
    "l": ["x", "y"],
    "address": " Street 1 \n\n Flat 2 ",
    "no": Value("FALSE", plain=False),
    "language": "en",
}

FILTERS = [
    ("{{ t|upper }}", "O'NEILL & SONS"),
    ("{{ t|upper|lower }}", "o'neill & sons"),
    ("{{ t|title }}", "O'neill & Sons"),
    ("{{ t|capitalize }}", "O'neill & sons"),
    ("{{ 'iPhone SE'|title }}", "IPhone SE"),
    ("{{ ' x '|trim }}", "x"),
    ("{{ z|default('–') }}{{ t|default('–') }}", "–o'neill & sons"),
    ("{{ z|default('–', true) }}", "–"),
    ("x{{ z|optional }}x", "xx"),
    ("{{ t|replace('&', 'and') }}", "o'neill and sons"),
    ("{{ l|join(', ') }}", "x, y"),
    ("{{ l|join }}", "xy"),
    ("{{ l|first }}{{ l|last }}", "xy"),
    ("{{ address|lines|join(', ') }}", "Street 1, Flat 2"),
    ("{{ address|lines|first }}", "Street 1"),
    ("{{ (address|lines)[1] }}", "Flat 2"),
    ("{{ n }}", "1,234.50"),
    ("{{ n|number }}", "1,234.5"),
    ("{{ n|number('0.00') }}", "1234.50"),
    ("{{ d }}", "04/03/26"),
    ("{{ d|date }}", "March 4, 2026"),
    ("{{ d|date('d MMMM yyyy') }}", "4 March 2026"),
    ("{{ d|date(“EEEE, d.M.yy”) }}", "Wednesday, 4.3.26"),
    ("{{ d|date(\"d 'of' MMMM\") }}", "4 of March"),
    ("{{ moment|date('HH:mm') }}", "15:30"),
    ("x{{ z|date }}{{ z|number }}x", "xx"),
]
CONDITIONS = [
    ('t == "o\'neill & sons"', True),
    ("t == 'x' or n > 1000", True),
    ("n > 1234.5", False),
    ("n == '1,234.50'", True),
    ("n == 1234.5", True),
    ("no", False),
    ("not z", True),
    ("z", False),
    ("'sons' in t", True),
    ("'x' in l", True),
    ("'z' not in l", True),
    ("t is defined", True),
    ("nobody is defined", False),
    ("nobody is not defined", True),
    ("1000 < n < 2000", True),
    ("d > d", False),
    ("z < 5", False),
    ("t != ''", True),
]
FAULTY = [
    "{{ t|date }}",
    "{{ t|number }}",
    "{{ n|date }}",
    "{{ d|number }}",
    "{{ d|date('HH:mm') }}",
    "{{ n|number('abc') }}",
    "{{ n|number('') }}x",
    "{% if t > 3 %}x{% endif %}",
    "{% if d > 3 %}x{% endif %}",
    "{% for x in moment %}x{% endfor %}",
    "{{ l }}",
    "{{ address|lines }}",
    "{{ t[0] }}",
    "{{ l[7] }}",
    "{{ l.x }}",
    "{{ t.upper }}",
    "{{ l.append }}",
    "{{ nobody }}",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_when_compiling_in_less_than_two_seconds(attack: str) -> None:
    start = time.process_time()
    found = faults(attack)
    assert time.process_time() - start < 2
    assert found
    assert all(problem.place.part == "body" for problem in found)


@pytest.mark.parametrize("attack", CODE)
def test_an_attack_is_refused_in_every_part_and_in_titles_and_attributes(attack: str) -> None:
    body = block(attack) + f"<w:p w:rsidR='{attack.replace(chr(39), '&apos;')}'/>"
    made = docx(body, header=attack, footer=attack, footnotes=attack, endnotes=attack, title=attack)
    parts = {problem.place.part for problem in faults(made)}
    assert parts == {"body", "header", "footer", "footnotes", "endnotes", "document properties"}


@pytest.mark.parametrize("attack", [a for a in (*CODE, *BOMBS) if a.startswith("{{")])
def test_an_attack_is_refused_in_patterns_of_settings_too(attack: str) -> None:
    assert isinstance(compile_text(f"letters/{attack}", PLACE), list)


def test_there_are_more_than_a_hundred_attacks() -> None:
    assert len(set(ATTACKS)) > 100


@pytest.mark.parametrize("text", HARMLESS)
def test_what_a_letter_needs_to_say_is_allowed(text: str) -> None:
    assert said(text) == ""


@pytest.mark.parametrize(("text", "printed"), FILTERS)
def test_a_filter_prints_what_its_name_says(text: str, printed: str) -> None:
    assert lines(text, **VALUES) == [printed]


def test_every_listed_filter_is_tried_here() -> None:
    tried = " ".join(text for text, _ in FILTERS)
    assert [name for name in TEMPLATE_FILTERS if f"|{name}" not in tried] == []


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS)
def test_a_condition_holds_as_a_person_would_say(condition: str, *, holds: bool) -> None:
    text = f"{{% if {condition} %}}yes{{% else %}}no{{% endif %}}"
    assert lines(text, **VALUES) == ["yes" if holds else "no"]


@pytest.mark.parametrize("text", FAULTY)
def test_a_value_that_does_not_fit_its_tag_is_an_error_at_the_tag(text: str) -> None:
    with pytest.raises(DataError, match="body paragraph 2") as error:
        fill(f"first\n{text}", **VALUES)
    assert not {"object", "jinja", "attribute"} & set(str(error.value).lower().split())


@pytest.mark.parametrize("loop", ["{%p for x in a %}", "{%p for x in a|lines %}"])
def test_a_loop_over_a_text_runs_over_its_lines(loop: str) -> None:
    """Never over its characters, as jinja2 would."""
    body = f"{loop}\n{{{{ x }}}}\n{{%p endfor %}}"
    assert lines(body, a=" Street 1 \n\nFlat 2") == ["Street 1", "Flat 2"]


@pytest.mark.parametrize("language", ["xx", "x'y", "tlh-Q", "../fr"])
def test_a_language_that_is_none_is_an_error_of_ours(language: str) -> None:
    with pytest.raises(DataError):
        fill("{{ d|date }}", d=DAY, language=language)


@pytest.mark.parametrize(
    ("tag", "hint"),
    [
        ("{{ family name }}", "family_name"),
        ("{% if a = 'x' %}{% endif %}", "=="),
        ("{{ a|uper }}", "upper"),
        ("{% elseif a %}", "elif"),
        ("{% end if %}", "endif"),
        ("{% p if a %}", "{%p if"),
    ],
)
def test_a_slip_is_told_with_what_was_probably_meant(tag: str, hint: str) -> None:
    assert hint in said(tag)


def test_names_look_up_columns_and_never_attributes() -> None:
    names = ["items", "keys", "class", "update", "lines", "имя", "नाम", "name_2", "mro"]
    row: dict[str, TemplateValue] = {name: name.upper() for name in names}
    assert lines(" ".join(f"{{{{ r.{name} }}}}" for name in names), r=row) == [
        " ".join(name.upper() for name in names)
    ]


@pytest.mark.parametrize("name", ["items", "keys", "get", "update", "copy"])
def test_an_attribute_of_the_container_is_an_unknown_name(name: str) -> None:
    with pytest.raises(DataError):
        fill(f"{{{{ r.{name} }}}}", r={"a": "x"})


@pytest.mark.parametrize("name", ["Postal code", "POSTAL_CODE", "postal_code", "Postal__Code"])
def test_names_fold_as_headings_do(name: str) -> None:
    tag = f"{{{{ R['{name}'] }}}}" if " " in name else f"{{{{ R.{name} }}}}"
    assert lines(tag, r={"Postal code": "02134"}) == ["02134"]


def test_a_letter_cannot_be_made_too_large_by_loops() -> None:
    """1,000 lines in a loop over 1,000 lines, each of 1,000 characters, would be a gigabyte."""
    body = "{% for x in a|lines %}{% for y in a|lines %}{{ x }}{% endfor %}{% endfor %}"
    start = time.process_time()
    with pytest.raises(DataError):
        fill(body, a="\n".join(["x" * 1000] * 1000))
    assert time.process_time() - start < 5


def test_a_replacement_cannot_grow_without_bounds() -> None:
    grow = "|replace('x', '" + "x" * 90 + "')"
    with pytest.raises(DataError):
        fill("{{ a" + grow * 5 + " }}", a="x" * 100)


def test_a_template_of_a_thousand_rows_compiles_and_fills_in_reasonable_time() -> None:
    start = time.process_time()
    assert len(lines(table(*[["{{ a }} x", "{{ a }}"]] * 1000), a="A")) == 2001
    assert time.process_time() - start < 3


def test_thirty_thousand_paragraphs_of_plain_text_are_no_burden() -> None:
    start = time.process_time()
    template("plain { text }\n" * 30_000 + "{{ a }}")
    assert time.process_time() - start < 15


@pytest.mark.parametrize("value", ["", " ", "\u00a0\n", None, (), []])
def test_what_prints_nothing_is_blank(value: TemplateValue) -> None:
    assert is_blank(value)


@pytest.mark.parametrize("value", [0, False, "x", ["x"], 0.0])
def test_zero_and_false_are_not_blank(value: TemplateValue) -> None:
    assert not is_blank(value)
