"""Campaigns in one line, and the problems that `merge check` reports."""

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
    """Return a problem in short: its code and its place.

    For example `blank-in-sentence Recipients!B3`, or for a warning `?name-spaces body 1`.
    """
    place = problem["where"].removeprefix("signers.xlsx, ").removeprefix("appeal.docx, ")
    line = re.fullmatch(r"(.*?) ?(?:line “.*” \(paragraph (\d+)\)|paragraph (\d+))", place)
    if line:
        place = f"{line[1] or 'body'} {line[2] or line[3]}"
    mark = "?" if problem["level"] == "warning" else ""
    return f"{mark}{problem['code']} {place}"


def checked(folder: Path, template: str | bytes = LINES, /, **sheets: Rows) -> Any:  # noqa: ANN401 - JSON
    """Make a campaign; return the result of `merge check --json`.

    Without other sheets it has no problem. The warning that the template is for one person only is
    removed: templates of one line have few placeholders.
    """
    make(folder, template, **{**PEOPLE, **sheets})
    result = merge("check", folder, "--json")
    assert result.code == any(p["level"] == "error" for p in result.json["problems"]), result.err
    return {**result.json, "problems": _others(result.json["problems"])}


def found_problems(folder: Path, template: str | bytes = LINES, /, **sheets: Rows) -> list[str]:
    """Make a campaign; return all its problems in short."""
    return [short(p) for p in checked(folder, template, **sheets)["problems"]]


def _others(problems: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    return [p for p in problems if p["code"] != "template-for-one"]


def hide(folder: Path, sheet: str, *rows: int) -> None:
    """Hide rows of a sheet in the campaign's workbook."""
    book = load_workbook(folder / "signers.xlsx")
    for row in rows:
        book[sheet].row_dimensions[row].hidden = True
    book.save(folder / "signers.xlsx")


def problems_in_folder(folder: Path) -> list[str]:
    """Return all problems of an existing campaign in short."""
    return [short(p) for p in _others(merge("check", folder, "--json").json["problems"])]
