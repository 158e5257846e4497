"""Hints about cells and placeholders: following one fixes the error."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.checked_campaigns import checked

HINTS = {
    "blank-in-sentence": (None, "{{ recipient.x }}", "|optional", "{{ recipient.x|optional }}"),
    "not-a-date": ("in May", "{{ recipient.x|date }}", "remove |date", "{{ recipient.x }}"),
    "not-a-number": ("many", "{{ recipient.x|number }}", "remove |number", "{{ recipient.x }}"),
    "not-a-pattern": (
        3,
        "{{ recipient.x|number('y') }}",
        'Use a format such as "#,##0.00"',
        "{{ recipient.x|number('#,##0.00') }}",
    ),
    "list-printed": (
        "a\nb",
        "{{ recipient.x|lines }}",
        '|join(", ")',
        '{{ recipient.x|lines|join(", ") }}',
    ),
    "not-a-list": (
        3,
        "{% for a in recipient.x|lines %}{% for b in loop.index %}y{% endfor %}{% endfor %}",
        "add |lines to its name",
        "{% for a in recipient.x|lines %}{% for b in a|lines %}y{% endfor %}{% endfor %}",
    ),
    "compared-with-text": (
        "many",
        "{% if recipient.x > 3 %}y{% endif %}",
        "text with text in quotation marks",
        "{% if recipient.x > '3' %}y{% endif %}",
    ),
    "condition-holds-for-no": (
        "no",
        "{% if recipient.x %}y{% endif %}",
        'Use recipient.x == "yes"',
        '{% if recipient.x == "yes" %}y{% endif %}',
    ),
    "column-unused": ("Rome", "here", "add {{ recipient.x }} to the template", "{{ recipient.x }}"),
    "name-unknown": (
        "Rome",
        "{{ recipient.xx }}",
        "Did you mean recipient.x?",
        "{{ recipient.x }}",
    ),
}
"""A cell, a placeholder, the hint, and the fixed placeholder, by code."""


@pytest.mark.parametrize("code", HINTS)
def test_following_a_hint_in_the_template_fixes_the_problem(tmp_path: Path, code: str) -> None:
    value, placeholder, hint, fixed_placeholder = HINTS[code]
    rows = [["Name", "X"], ["Minister Li", value]]
    problems = checked(tmp_path, f"alpha {placeholder} omega", Recipients=rows)["problems"]
    (problem,) = (p for p in problems if p["code"] == code)
    assert hint in problem["hint"]
    result = checked(tmp_path, f"alpha {fixed_placeholder} omega", Recipients=rows)
    assert result["problems"] == []
    assert result["ready"] == 2
