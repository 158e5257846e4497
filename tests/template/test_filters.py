"""Filters print what their names promise; which values are blank."""

from __future__ import annotations

import pytest
from support.filled_letters import fill, lines
from support.placeholder_values import DAY, VALUES

from merge.errors import DataError
from merge.template.filters import TEMPLATE_FILTERS, TemplateValue, is_blank

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
    ("{{ l|length }} {{ address|lines|length }} {{ 'abc'|length }} {{ z|length }}", "2 2 3 0"),
    ("{% if l|length > 1 %}both{% endif %}", "both"),
    ("{{ address|lines|join(', ') }}", "Street 1, Flat 2"),
    ("{{ address|lines|first }}", "Street 1"),
    ("{{ (address|lines)[1] }}", "Flat 2"),
    ("{{ n }}", "1,234.50"),
    ("{{ n|number }}", "1,234.5"),
    ("{{ n|number('0.00') }}", "1234.50"),
    ("{{ d }}", "04/03/26"),
    ("{{ d|date }}", "March 4, 2026"),
    ("{{ d|date('d MMMM yyyy') }}", "4 March 2026"),
    ("{{ d|date('', 'fr') }} {{ d|date('MMMM', 'fr') }}", "4 mars 2026 mars"),
    ("{{ d|date(“EEEE, d.M.yy”) }}", "Wednesday, 4.3.26"),
    ("{{ d|date(\"d 'of' MMMM\") }}", "4 of March"),
    ("{{ moment|date('HH:mm') }}", "15:30"),
    ("x{{ z|date }}{{ z|number }}x", "xx"),
]


@pytest.mark.parametrize(("text", "printed"), FILTERS)
def test_a_filter_prints_the_result_of_its_name(text: str, printed: str) -> None:
    assert lines(text, **VALUES) == [printed]


def test_every_filter_of_the_list_is_tested_here() -> None:
    tried = " ".join(text for text, _ in FILTERS)
    assert [name for name in TEMPLATE_FILTERS if f"|{name}" not in tried] == []


@pytest.mark.parametrize("language", ["xx", "x'y", "tlh-Q", "../fr"])
def test_an_unknown_language_is_an_error_with_a_message(language: str) -> None:
    with pytest.raises(DataError):
        fill("{{ d|date }}", d=DAY, language=language)
    with pytest.raises(DataError):
        fill(f"{{{{ d|date('', \"{language}\") }}}}", d=DAY)


@pytest.mark.parametrize("value", ["", " ", "\u00a0\n", None, (), []])
def test_a_value_that_prints_nothing_is_blank(value: TemplateValue) -> None:
    assert is_blank(value)


@pytest.mark.parametrize("value", [0, False, "x", ["x"], 0.0])
def test_zero_and_false_are_not_blank(value: TemplateValue) -> None:
    assert not is_blank(value)
