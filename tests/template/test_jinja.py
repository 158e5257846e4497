"""Compiled tags: conditions, loops, names, unsuitable values, and limits."""

from __future__ import annotations

import pytest
from support.documents import table
from support.filled_letters import fill, lines, template
from support.placeholder_values import VALUES
from support.speed import within

from merge.errors import DataError
from merge.template.filters import TemplateValue

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


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS)
def test_a_condition_decides_as_a_person_would(condition: str, *, holds: bool) -> None:
    text = f"{{% if {condition} %}}yes{{% else %}}no{{% endif %}}"
    assert lines(text, **VALUES) == ["yes" if holds else "no"]


@pytest.mark.parametrize("text", FAULTY)
def test_a_value_that_does_not_fit_its_tag_is_an_error_at_the_tag(text: str) -> None:
    with pytest.raises(DataError, match=r"\(paragraph 2\)") as error:
        fill(f"first\n{text}", **VALUES)
    assert not {"object", "jinja", "attribute"} & set(str(error.value).lower().split())


@pytest.mark.parametrize("loop", ["{%p for x in a %}", "{%p for x in a|lines %}"])
def test_a_loop_over_a_text_runs_over_its_lines(loop: str) -> None:
    """It never runs over its characters, as jinja2 would."""
    body = f"{loop}\n{{{{ x }}}}\n{{%p endfor %}}"
    assert lines(body, a=" Street 1 \n\nFlat 2") == ["Street 1", "Flat 2"]


def test_names_in_a_tag_are_columns_and_never_attributes() -> None:
    names = ["items", "keys", "class", "update", "lines", "имя", "नाम", "name_2", "mro"]
    row: dict[str, TemplateValue] = {name: name.upper() for name in names}
    assert lines(" ".join(f"{{{{ r.{name} }}}}" for name in names), r=row) == [
        " ".join(name.upper() for name in names)
    ]


@pytest.mark.parametrize("name", ["items", "keys", "get", "update", "copy"])
def test_an_attribute_of_a_python_object_is_an_unknown_name(name: str) -> None:
    with pytest.raises(DataError):
        fill(f"{{{{ r.{name} }}}}", r={"a": "x"})


@pytest.mark.parametrize("name", ["Postal code", "POSTAL_CODE", "postal_code", "Postal__Code"])
def test_names_in_a_tag_are_folded_like_headings(name: str) -> None:
    tag = f"{{{{ R['{name}'] }}}}" if " " in name else f"{{{{ R.{name} }}}}"
    assert lines(tag, r={"Postal code": "02134"}) == ["02134"]


def test_loops_cannot_make_a_letter_too_large() -> None:
    """Nested loops over 1,000 lines of 1,000 characters: a gigabyte."""
    body = "{% for x in a|lines %}{% for y in a|lines %}{{ x }}{% endfor %}{% endfor %}"
    with within(15), pytest.raises(DataError):
        fill(body, a="\n".join(["x" * 1000] * 1000))


def test_a_replace_filter_cannot_make_a_text_too_long() -> None:
    grow = "|replace('x', '" + "x" * 90 + "')"
    with pytest.raises(DataError):
        fill("{{ a" + grow * 5 + " }}", a="x" * 100)


@pytest.mark.slow
def test_a_template_of_a_thousand_rows_compiles_and_fills_in_reasonable_time() -> None:
    with within(15):
        assert len(lines(table(*[["{{ a }} x", "{{ a }}"]] * 1000), a="A")) == 2001


@pytest.mark.slow
def test_a_template_of_thirty_thousand_plain_paragraphs_compiles_quickly() -> None:
    with within(40):
        template("plain { text }\n" * 30_000 + "{{ a }}")
