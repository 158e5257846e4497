"""The exports of tests/data/exports, each against what must come of it: see the README there."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from support.form_exports import read_answers

from merge.intake.choices import accept_proposals, add_yes_words
from merge.intake.column_plan import plan_columns
from merge.intake.exports import read_export
from merge.intake.form_types import CollectedResponses, ColumnPlan, Export
from merge.intake.headings import count_known_headings
from merge.intake.known_forms import remembered_columns

EXPORTS = Path(__file__).parents[1] / "data" / "exports"
CASES = sorted(EXPORTS.glob("*/*.json"))
READ_AS = {"cp1252": "western", "cp1251": "cyrillic", "cp1250": "central"}


@cache
def expected(case: Path) -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(case.read_text(encoding="utf-8"))
    return found


@cache
def imported(case: Path) -> tuple[Export, ColumnPlan, CollectedResponses]:
    """The export read and mapped as proposed, after the one that it follows."""
    wanted = expected(case)
    file = case.with_name(wanted["case"])
    read_as = READ_AS.get(wanted["read"].get("encoding", ""), "")
    export = read_export(
        file.read_bytes(), file.name, read_as=read_as, count_headings=count_known_headings
    )
    before = next((c for c in CASES if expected(c)["case"] == wanted.get("after")), None)
    memory = remembered_columns(accept_proposals(imported(before)[1]), "the form") if before else ()
    plan = plan_columns(export, wanted["campaign"]["columns"], memory)
    plan = add_yes_words(plan, wanted.get("means_yes", ()))
    return export, plan, read_answers(export, accept_proposals(plan))


def plain(heading: str) -> str:
    """A heading as it is compared: without the marks that reading takes away."""
    return " ".join(unescape(heading).replace("\xa0", " ").split())


def by_row(entries: Iterable[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    return {entry["row"]: entry for entry in entries}


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.stem)
def test_what_must_come_of_an_export_comes(case: Path) -> None:
    wanted = expected(case)
    _, plan, answers = imported(case)
    assert list(plan.heading_rows) == wanted["read"].get("heading_rows")
    goes_to = {plain(column.heading): column.goes_to for column in plan.columns}
    assert goes_to == {plain(heading): goal for heading, goal in wanted["mapping"].items()}
    asked = {plain(column.heading) for column in plan.columns if column.is_asked}
    assert asked >= set(map(plain, wanted["ask"]))
    if "people" in wanted:
        check_rows(answers, wanted)


def check_rows(answers: CollectedResponses, wanted: Mapping[str, Any]) -> None:
    people = {a.row: dict(a.fields) for a in answers.people if not a.doubts}
    assert people == {row: one["fields"] for row, one in by_row(wanted["people"]).items()}
    doubtful = {a.row: a for a in answers.people if a.doubts}
    assert doubtful.keys() == by_row(wanted["doubtful"]).keys()
    for row, one in by_row(wanted["doubtful"]).items():
        answer = doubtful[row]
        assert set(answer.doubts) == set(one["why"])
        assert {**answer.fields, **one.get("fields", {})} == dict(answer.fields)
        assert answer.same_name_row == one.get("same_as", 0)
        assert answer.proposed_name == one.get("proposal", answer.proposed_name)
    dropped = {one.row: (one.reason_code, one.counted_row) for one in answers.skipped_rows}
    assert dropped == {
        row: (one["why"], one.get("same_as", 0)) for row, one in by_row(wanted["dropped"]).items()
    }
    told = sorted((r.row, r.column, r.reason_code, r.proposal) for r in answers.remarks)
    assert told == sorted(
        (one["row"], one["column"], one["why"], one.get("proposal", "")) for one in wanted["told"]
    )


def test_at_most_two_questions_are_asked_of_a_file_besides_consent() -> None:
    for case in CASES:
        plan = imported(case)[1]
        asked = [c.heading for c in plan.columns if c.is_asked and c.goes_to != "Consent"]
        assert len(asked) <= 2, case.stem


def test_every_row_of_an_export_is_accounted_for() -> None:
    for case in CASES:
        export, plan, answers = imported(case)
        told = {*plan.heading_rows, *(one.row for one in answers.skipped_rows)}
        told |= {answer.row for answer in answers.people}
        assert {row.number for row in export.rows} == told, case.stem
