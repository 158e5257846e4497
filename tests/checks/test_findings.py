"""`merge check` reports every mistake in one run, and nothing else."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from support.campaigns import ROOT, make, merge
from support.checked_campaigns import checked, found_problems, hide, short
from support.documents import docx
from support.workbooks import Formatted, Rows

from merge.problems import Place

MISTAKEN = """\
{{ recipient.nmae }}
{{ recipient.street }}
{{ recipient.zip }} {{ recipient.city }}
{{ recipient.salutation }}
I write to you from {{ signer.country }} about {{ recipient.case }}.
Since {{ recipient.since|date }} he has been in {{ recipient.prison }}.
{% if recipient.years > 3 %}So long.{% endif %}
{% if signer.member %}I am a member.{% endif %}
{{ signer.name }}
{{ signer.town }}, on {{ signer.day }}"""
"""A template with two names that no sheet has.

The other mistakes are in the cells.
"""

APRIL_3 = Formatted(dt.datetime(2026, 4, 3), "d-mmm")  # noqa: DTZ001 - Excel's days have no zone
WRONG_RECIPIENTS: list[list[Any]] = [
    [
        *("Name", "Street", "ZIP", "City", "Salutation", "Case", "Since", "Prison", "Years"),
        *("Language", "Case number"),
    ],
    ["Minister Li", "1 Elm Road", 10115, "Town", "Sir", "A", dt.date(2026, 1, 2), "P", 4],
    ["Consul  Roy", "2 Elm Road", 2134, "Town", None, "B", dt.date(2026, 1, 2), "P", 4],
    ["judge kim", APRIL_3, 10117, "Town", "Judge", None, dt.date(2026, 1, 2), "P", 4, "en"],
    ["Dr Ines Sa", "TBC", 10118, "Town", "Dr Sa", "D", "last summer", "P", 4],
    ["Dr Inês Sá", "4 Elm Road", 10119, "Town", "Dr Sá", "E", dt.date(2026, 1, 2), "P", "four"],
    ["Rat Huber", "5 Elm Road", 10120, "MÃ¼nchen", "Rat", "F", dt.date(2026, 1, 2), "P", 4, "dd"],
    ["General Ode", "6 Elm Road", 10121, "Town", "Sir", "G", dt.date(2026, 1, 2), "#N/A", 4],
    ["Mayor Paz", "7 Elm Road", 10122, "Town", "Sir", "H", dt.date(2026, 1, 2), "=1+1", 4],
    ["Warden Ek", "8 Elm Road", 10123, "Town", "Sir", "I_x000B_", dt.date(2026, 1, 2), "P", 4],
    [None, "9 Elm Road", 10124, "Town", "Sir", "J", dt.date(2026, 1, 2), "P", 4],
    ["Mr Fox", "10 Elm Road", 10125, "Town", "Sir", "K", dt.date(2026, 1, 2), "P", 4, None, "x"],
]
WRONG_SIGNERS = [
    ["Name", "Town", "Day", "Member", "Include"],
    ["Ana Ruiz", "Lima", "4 March 2026", "yes", None],
    ["Bo Berg", "Oslo", "le 5", "no", "perhaps"],
    ["Cy Ode", "Rome", "le 6", "yes", None],
    ["Cy Ode", "Bonn", "le 6", "yes", None],
    ["Dee@example.org", "Rome", "le 7", "yes", None],
    ["Ели Fоx", "Rome", "le 8", "yes", None],
]
WRONG: Mapping[str, Rows] = {
    "Signers": WRONG_SIGNERS,
    "Recipients": WRONG_RECIPIENTS,
    "Pairs": [["Signer", "Recipient"], ["*", "*"], ["Ana Ruis", "Minister Li"]],
    "Settings": [
        *(["Name", "Value"], ["Language", "fr"], ["Date", "04/03/2026"], ["Page", 2]),
        ["Pages", "many"],
    ],
}
MISTAKES = {
    "name-unknown body 1",
    "name-unknown body 5",
    "compared-with-text body 7",
    "?condition-holds-for-no body 8",
    "?name-spaces Recipients!A3",
    "blank-in-sentence Recipients!E3",
    "?number-lost-zeros Recipients!C3",
    "?name-small-letters Recipients!A4",
    "?date-among-words Recipients!B4",
    "blank-in-sentence Recipients!F4",
    "?text-left-over Recipients!B5",
    "not-a-date Recipients!G5",
    "?people-alike Recipients!A6",
    "?text-broken-accents Recipients!D7",
    "language-unknown Recipients!J7",
    "cell-error Recipients!H8",
    "formula-without-value Recipients!H9",
    "character-forbidden Recipients!F10",
    "name-missing Recipients!A11",
    "?column-unused Recipients!K1",
    "?hidden-rows Recipients sheet",
    "?date-english Signers!C2",
    "include-unknown Signers!E3",
    "name-twice Signers!A4",
    "name-twice Signers!A5",
    "?name-not-a-name Signers!A6",
    "?name-mixed-letters Signers!A7",
    "pair-nobody Pairs!A3",
    "setting-date Settings!B3",
    "?setting-unknown Settings!A4",
    "setting-pages Settings!B5",
}
"""28 kinds of mistakes."""


def test_thirty_mistakes_are_reported_in_one_run_each_at_its_place(tmp_path: Path) -> None:
    make(tmp_path, MISTAKEN, **WRONG)
    hide(tmp_path, "Recipients", 12)
    result = merge("check", tmp_path, "--json")
    problems = [short(p) for p in result.json["problems"]]
    assert set(problems) == MISTAKES
    assert max(Counter(problems).values()) == 1
    assert len({p.split()[0] for p in problems}) >= 25
    assert (result.code, result.json["ready"]) == (1, 0)


def test_every_mistake_says_what_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    make(tmp_path, MISTAKEN, **WRONG)
    for problem in merge("check", tmp_path, "--json").json["problems"]:
        assert set(problem) == {"level", "code", "where", "message", "hint", "fields", "remedy"}
        assert problem["message"].endswith((".", "”")), problem
        assert problem["hint"].endswith((".", "?", "…")), problem


def test_mistakes_in_a_template_are_reported_with_the_text_of_their_paragraph(
    tmp_path: Path,
) -> None:
    make(tmp_path, MISTAKEN, **WRONG)
    places = [p["where"] for p in merge("check", tmp_path, "--json").json["problems"]]
    assert "appeal.docx, line “{{ recipient.nmae }}” (paragraph 1)" in places
    assert any(
        place.endswith("line “{% if recipient.years > 3 %}So long.{% endif %}” (paragraph 7)")
        for place in places
    )


def test_a_campaign_with_its_mistakes_fixed_has_no_problem(tmp_path: Path) -> None:
    """The campaign differs from the one above only in the mistakes."""
    recipients = [row[:9] for row in WRONG_RECIPIENTS if row[0]]
    corrections = {
        *((3, 0, "Consul Roy"), (3, 2, 12134), (3, 4, "Consul"), (4, 0, "Judge Kim")),
        *((4, 1, "3 Elm Road"), (4, 5, "C"), (5, 1, "4 Elm Road"), (5, 6, dt.date(2026, 1, 2))),
        *((6, 0, "Dr Ida Sá"), (6, 8, 4), (7, 3, "München"), (8, 7, "P"), (9, 7, "P")),
        (10, 5, "I"),
    }
    for row, column, value in corrections:
        recipients[row - 1][column] = value
    signers = [["Name", "Town", "Day", "Member", "Country"]]
    signers += [[n, "Lima", "le 4", "yes", "Peru"] for n in ("Ana Ruiz", "Bo Berg", "Cy Ode")]
    sheets: dict[str, Rows] = {
        "Signers": signers,
        "Recipients": recipients,
        "Pairs": [["Signer", "Recipient"], ["*", "*"], ["Ana Ruiz", "Minister Li"]],
        "Settings": [["Name", "Value"], ["Language", "fr"], ["Date", "2026-03-04"], ["Pages", 2]],
    }
    template = MISTAKEN.replace("nmae", "name")
    assert found_problems(tmp_path, template, **sheets) == []


def test_the_shipped_campaign_has_no_problem_and_twelve_letters(tmp_path: Path) -> None:
    shutil.copy(ROOT / "signers.xlsx", tmp_path)
    (tmp_path / "templates").mkdir()
    shutil.copy(ROOT / "templates" / "appeal.docx", tmp_path / "templates")
    result = merge("check", tmp_path, "--json")
    assert (result.code, result.json) == (0, {"ready": 12, "problems": []})
    assert "12 letters ready" in merge("check", tmp_path).last


def test_a_place_is_written_as_users_of_excel_and_word_know_it() -> None:
    assert str(Place("signers.xlsx", "Recipients", 7, 3)) == "signers.xlsx, Recipients!G3"
    words = Place(
        "appeal.docx", part="body", paragraph=8, paragraph_text="Dear {{ recipient.salutation }},"
    )
    assert str(words) == "appeal.docx, line “Dear {{ recipient.salutation }},” (paragraph 8)"


def test_a_template_for_some_recipients_is_checked_for_these_only(tmp_path: Path) -> None:
    rows = [["Name", "Template", "Town"], ["Minister Li", "kurz", None], ["Consul Roy", None, None]]
    settings = [["Name", "Value"], ["Template", "appeal.docx"]]
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "kurz.docx").write_bytes(docx("To {{ recipient.town }} now."))
    assert found_problems(tmp_path, Recipients=rows, Settings=settings) == [
        "blank-in-sentence Recipients!C2"
    ]
    assert checked(tmp_path, Recipients=rows, Settings=settings)["ready"] == 2
