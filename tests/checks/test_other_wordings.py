"""Messages that are said in several ways: each way that no other test of every day comes to."""

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
"""By code: a template, the sheets, and what is said."""


@pytest.mark.parametrize("code", CASES)
def test_a_message_is_said_as_its_case_is(tmp_path: Path, code: str) -> None:
    template, sheets, said = CASES[code]
    told = merge("check", make(tmp_path, template, **sheets), "--json").json["problems"]
    problem = next(each for each in told if each["code"] == code)
    assert said in f"{problem['message']} {problem['hint']}"


def test_a_letter_that_gets_too_long_is_told_how_much_is_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jinja, "MAX_PRINTED", 20)
    rows = [["Name", "X"], ["Minister Li", "a\nb\nc"]]
    loop = "{% for a in recipient.x|lines %}{{ a }}{% endfor %}"
    ran = merge("letters", make(tmp_path, loop, Recipients=rows), "--json")
    told = next(each for each in ran.json["problems"] if each["code"] == "too-much")
    assert "would have more than 20 characters." in told["message"]
