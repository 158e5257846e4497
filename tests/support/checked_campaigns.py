"""Campaigns in one line, and what `merge check` finds in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from support.campaigns import LINES, make, merge
from support.workbooks import Rows

PEOPLE: Mapping[str, Rows] = {
    "Signers": [["Name"], ["Ana Ruiz"], ["Bo Berg"]],
    "Recipients": [["Name"], ["Minister Li"], ["Consul Roy"]],
}


def short(problem: Mapping[str, str]) -> str:
    """A problem in a line: `blank-in-sentence Recipients!B3`, `?name-spaces body 1`."""
    place = problem["where"].removeprefix("signers.xlsx, ").removeprefix("appeal.docx, ")
    line = re.fullmatch(r"(.*?) ?(?:line “.*” \(paragraph (\d+)\)|paragraph (\d+))", place)
    if line:
        place = f"{line[1] or 'body'} {line[2] or line[3]}"
    mark = "?" if problem["level"] == "warning" else ""
    return f"{mark}{problem['code']} {place}"


def checked(folder: Path, template: str | bytes = LINES, /, **sheets: Rows) -> Any:  # noqa: ANN401 - JSON
    """What `merge check --json` prints of a campaign; by itself it has no problem.

    A template of one line lacks somebody's tags: that is left out.
    """
    make(folder, template, **{**PEOPLE, **sheets})
    ran = merge("check", folder, "--json")
    assert ran.code == any(p["level"] == "error" for p in ran.json["problems"]), ran.err
    return {**ran.json, "problems": _others(ran.json["problems"])}


def found_problems(folder: Path, template: str | bytes = LINES, /, **sheets: Rows) -> list[str]:
    """All problems of a campaign, each in a line."""
    return [short(p) for p in checked(folder, template, **sheets)["problems"]]


def _others(problems: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    return [p for p in problems if p["code"] != "template-for-one"]


def hide(folder: Path, sheet: str, *rows: int) -> None:
    """Hide rows of the campaign's workbook."""
    book = load_workbook(folder / "signers.xlsx")
    for row in rows:
        book[sheet].row_dimensions[row].hidden = True
    book.save(folder / "signers.xlsx")


def problems_in_folder(folder: Path) -> list[str]:
    """All problems of a campaign that is there already."""
    return [short(p) for p in _others(merge("check", folder, "--json").json["problems"])]
