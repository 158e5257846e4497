"""A tag at work: conditions, loops, names that fold, values that do not fit, and bounds."""

from __future__ import annotations

import pytest
from support.documents import table
from support.filled_letters import fill, lines, template
from support.speed import within
from support.tag_values import VALUES

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
def test_a_condition_holds_as_a_person_would_say(condition: str, *, holds: bool) -> None:
    text = f"{{% if {condition} %}}yes{{% else %}}no{{% endif %}}"
    assert lines(text, **VALUES) == ["yes" if holds else "no"]


@pytest.mark.parametrize("text", FAULTY)
def test_a_value_that_does_not_fit_its_tag_is_an_error_at_the_tag(text: str) -> None:
    with pytest.raises(DataError, match=r"\(paragraph 2\)") as error:
        fill(f"first\n{text}", **VALUES)
    assert not {"object", "jinja", "attribute"} & set(str(error.value).lower().split())


@pytest.mark.parametrize("loop", ["{%p for x in a %}", "{%p for x in a|lines %}"])
def test_a_loop_over_a_text_runs_over_its_lines(loop: str) -> None:
    """Never over its characters, as jinja2 would."""
    body = f"{loop}\n{{{{ x }}}}\n{{%p endfor %}}"
    assert lines(body, a=" Street 1 \n\nFlat 2") == ["Street 1", "Flat 2"]


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
    with within(15), pytest.raises(DataError):
        fill(body, a="\n".join(["x" * 1000] * 1000))


def test_a_replacement_cannot_grow_without_bounds() -> None:
    grow = "|replace('x', '" + "x" * 90 + "')"
    with pytest.raises(DataError):
        fill("{{ a" + grow * 5 + " }}", a="x" * 100)


@pytest.mark.slow
def test_a_template_of_a_thousand_rows_compiles_and_fills_in_reasonable_time() -> None:
    with within(15):
        assert len(lines(table(*[["{{ a }} x", "{{ a }}"]] * 1000), a="A")) == 2001


@pytest.mark.slow
def test_thirty_thousand_paragraphs_of_plain_text_are_no_burden() -> None:
    with within(40):
        template("plain { text }\n" * 30_000 + "{{ a }}")
