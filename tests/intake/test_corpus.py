"""The exports of tests/data/exports and their expected results.

See the README there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from support.form_exports import read_responses

from merge.intake.choices import accept_proposals, add_yes_words
from merge.intake.column_plan import plan_columns
from merge.intake.exports import read_export
from merge.intake.form_types import CollectedResponses, ColumnPlan, FormExport
from merge.intake.headings import count_known_headings
from merge.intake.known_forms import remembered_columns

EXPORTS = Path(__file__).parents[1] / "data" / "exports"
CASES = sorted(EXPORTS.glob("*/*.json"))
READ_AS = {"cp1252": "western", "cp1251": "cyrillic", "cp1250": "central"}


@cache
def expected(case: Path) -> Mapping[str, Any]:
    content: dict[str, Any] = json.loads(case.read_text(encoding="utf-8"))
    return content


@cache
def imported(case: Path) -> tuple[FormExport, ColumnPlan, CollectedResponses]:
    """Return the export, read and mapped as proposed, after its predecessor."""
    expectation = expected(case)
    file = case.with_name(expectation["case"])
    read_as = READ_AS.get(expectation["read"].get("encoding", ""), "")
    export = read_export(
        file.read_bytes(), file.name, read_as=read_as, count_headings=count_known_headings
    )
    previous = next((c for c in CASES if expected(c)["case"] == expectation.get("after")), None)
    memory = (
        remembered_columns(accept_proposals(imported(previous)[1]), "the form") if previous else ()
    )
    plan = plan_columns(export, expectation["campaign"]["columns"], memory)
    plan = add_yes_words(plan, expectation.get("means_yes", ()))
    return export, plan, read_responses(export, accept_proposals(plan))


def plain(heading: str) -> str:
    """Return a heading for comparison: without the marks that reading removes."""
    return " ".join(unescape(heading).replace("\xa0", " ").split())


def by_row(entries: Iterable[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    return {entry["row"]: entry for entry in entries}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.stem)
def test_each_export_of_the_corpus_gives_the_expected_people_and_questions(case: Path) -> None:
    expectation = expected(case)
    _, plan, responses = imported(case)
    assert list(plan.heading_rows) == expectation["read"].get("heading_rows")
    goes_to = {plain(column.heading): column.goes_to for column in plan.columns}
    assert goes_to == {plain(heading): goal for heading, goal in expectation["mapping"].items()}
    asked = {plain(column.heading) for column in plan.columns if column.is_asked}
    assert asked >= set(map(plain, expectation["ask"]))
    if "people" in expectation:
        check_rows(responses, expectation)


def check_rows(responses: CollectedResponses, expectation: Mapping[str, Any]) -> None:
    people = {a.row: dict(a.fields) for a in responses.people if not a.doubts}
    assert people == {row: entry["fields"] for row, entry in by_row(expectation["people"]).items()}
    doubtful = {a.row: a for a in responses.people if a.doubts}
    assert doubtful.keys() == by_row(expectation["doubtful"]).keys()
    for row, entry in by_row(expectation["doubtful"]).items():
        response = doubtful[row]
        assert set(response.doubts) == set(entry["why"])
        assert {**response.fields, **entry.get("fields", {})} == dict(response.fields)
        assert response.same_name_row == entry.get("same_as", 0)
        assert response.proposed_name == entry.get("proposal", response.proposed_name)
    dropped = {
        entry.row: (entry.reason_code, entry.counted_row) for entry in responses.skipped_rows
    }
    assert dropped == {
        row: (entry["why"], entry.get("same_as", 0))
        for row, entry in by_row(expectation["dropped"]).items()
    }
    remarks = sorted((r.row, r.column, r.reason_code, r.proposal) for r in responses.remarks)
    assert remarks == sorted(
        (entry["row"], entry["column"], entry["why"], entry.get("proposal", ""))
        for entry in expectation["told"]
    )


def test_each_export_of_the_corpus_has_at_most_two_questions_besides_consent() -> None:
    for case in CASES:
        plan = imported(case)[1]
        asked = [c.heading for c in plan.columns if c.is_asked and c.goes_to != "Consent"]
        assert len(asked) <= 2, case.stem


def test_every_row_of_an_export_is_a_heading_a_person_or_skipped() -> None:
    for case in CASES:
        export, plan, responses = imported(case)
        accounted = {*plan.heading_rows, *(row.row for row in responses.skipped_rows)}
        accounted |= {response.row for response in responses.people}
        assert {row.number for row in export.rows} == accounted, case.stem
