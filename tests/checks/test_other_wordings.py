"""Wordings of messages that no other quick test has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from support.campaigns import make, merge
from support.documents import paragraph
from support.field_markup import field
from support.workbooks import Formatted

from merge.template import jinja

DAY = Formatted(dt.date(2027, 1, 15), "d mmmm yyyy")
CASES: Mapping[str, tuple[str, dict[str, Any], str]] = {
    "heading-near": (
        "x",
        {"Signers": [["Name", "ID no"], ["Ana Ruiz", "A1"], ["Bo Berg", "B2"]]},
        "looks like “ID” but is not used, so it identifies no one.",
    ),
    "name-twice": (
        "x",
        {"Signers": [["Name"], *([["Ana Ruiz"]] * 3)]},
        "“Ana Ruiz” is also in row 3 and 1 other row.",
    ),
    "id-twice": (
        "x",
        {"Signers": [["ID", "Name"], *([7, f"Ana {name}"] for name in "ABCD")]},
        "The ID “7” is also in row 3 and 2 other rows.",
    ),
    "file-name-twice": (
        "x",
        {"Settings": [["File name", "{{ signer.name }}"]]},
        "The letters to Minister Li and Consul Roy would have the same file name.",
    ),
    "name-not-a-name": ("x", {"Signers": [["Name"], ["Null"]]}, "“Null” may not be a name."),
    "date-language": (
        paragraph("On ", field(" MERGEFIELD settings_deadline "), "."),
        {"Settings": [["Language", "fr"], ["Deadline", DAY]]},
        'give the field «settings_deadline» a date format: \\@ "d MMMM yyyy".',
    ),
}
"""A template, the sheets, and a part of the message, by code."""


@pytest.mark.parametrize("code", CASES)
def test_a_message_has_the_wording_for_its_case(tmp_path: Path, code: str) -> None:
    template, sheets, expected = CASES[code]
    problems = merge("check", make(tmp_path, template, **sheets), "--json").json["problems"]
    problem = next(candidate for candidate in problems if candidate["code"] == code)
    assert expected in f"{problem['message']} {problem['hint']}"


def test_the_message_about_a_letter_too_long_contains_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jinja, "MAX_PRINTED", 20)
    rows = [["Name", "X"], ["Minister Li", "a\nb\nc"]]
    loop = "{% for a in recipient.x|lines %}{{ a }}{% endfor %}"
    result = merge("letters", make(tmp_path, loop, Recipients=rows), "--json")
    problem = next(
        candidate for candidate in result.json["problems"] if candidate["code"] == "too-much"
    )
    assert "would have more than 20 characters." in problem["message"]
