"""`merge import` with exports of forms: who is imported or not, and why."""

from __future__ import annotations

import io
import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from support.campaigns import ROOT, RunResult, merge
from support.everyday import everyday
from support.imports import means_yes

CORPUS = ROOT / "tests" / "data" / "exports"
CASES = sorted((*CORPUS.glob("open/*.json"), *CORPUS.glob("own/*.json")))
LIST = "signers from forms.xlsx"


def expected_result(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def campaign(folder: Path, columns: Sequence[str]) -> Path:
    """Return a folder whose Signers sheet has these headings and no people."""
    book = Workbook()
    signers = book.active
    assert signers is not None
    signers.title = "Signers"
    signers.append(list(columns))
    book.create_sheet("Recipients").append(["Name"])
    folder.mkdir(exist_ok=True)
    book.save(folder / "signers.xlsx")
    return folder


class _Terminal(io.StringIO):
    """A terminal at which someone answers yes to everything."""

    def isatty(self) -> bool:
        return True


def import_into(file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> RunResult:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", _Terminal("y\n" * 9))
        ran = merge("import", file, folder)
    assert ran.code == 0, (ran.out, ran.err)
    return ran


def list_rows(folder: Path) -> list[dict[str, str]]:
    """Return the cells of each person in the list by heading, without IDs."""
    sheet = load_workbook(folder / LIST)["Signers"]
    headings, *rows = sheet.iter_rows(values_only=True)
    hidden_headings = {"ID", "To decide"}
    return [
        {
            str(h): str(c)
            for h, c in zip(headings, row, strict=True)
            if c and h not in hidden_headings
        }
        for row in rows
    ]


def in_order(people: Iterable[Mapping[str, str]]) -> list[str]:
    return sorted(json.dumps(person, sort_keys=True, ensure_ascii=False) for person in people)


def correct(folder: Path, corrections: Sequence[Mapping[str, Any]]) -> None:
    """Make the corrections that staff make in the list."""
    book = load_workbook(folder / LIST)
    sheet = book["Signers"]
    columns = {cell.value: cell.column or 0 for cell in sheet[1]}
    for correction in corrections:
        rows = range(2, sheet.max_row + 1)
        row = next(r for r in rows if sheet.cell(r, columns["Name"]).value == correction["who"])
        for heading, text in correction.get("set", {}).items():
            sheet.cell(row, columns[heading]).value = text or None
        if correction.get("delete"):
            sheet.delete_rows(row)
    book.save(folder / LIST)


def sorted_entries(result: Mapping[str, Any], key: str) -> list[Any]:
    """Return the entries under a key of the JSON, in a fixed order.

    `same_as` in an entry is a row.
    """
    return sorted(result[key], key=lambda entry: (entry["row"], entry["why"]))


def nfc(headings: Mapping[str, str]) -> dict[str, str]:
    return {unicodedata.normalize("NFC", h): goes for h, goes in headings.items()}


def differences(expected: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    """Return differing values by key: each as it is, and as expected."""
    differing: dict[str, Any] = {}
    read = {key: result["read"].get(key) for key in expected["read"]}
    pairs: list[tuple[str, Any, Any]] = [("read", read, expected["read"])]
    pairs.append(("mapping", nfc(result["mapping"]), expected["mapping"]))
    asked_headings = {unicodedata.normalize("NFC", heading) for heading in result["ask"]}
    pairs.append(("ask", sorted({*expected["ask"]} - asked_headings), []))
    compared = [key for key in ("people", "merge") if key in expected]
    pairs += [(key, _expected_part(result[key], expected[key]), expected[key]) for key in compared]
    for key in ("doubtful", "dropped", "told"):
        if key in expected:
            actual = [
                _expected_part(o, e)
                for o, e in _paired(sorted_entries(result, key), sorted_entries(expected, key))
            ]
            pairs.append((key, actual, sorted_entries(expected, key)))
    for key, actual, wanted in pairs:
        if actual != wanted:
            differing[key] = (actual, wanted)
    return differing


def _paired(actual: list[Any], expected: list[Any]) -> list[tuple[Any, Any]]:
    return [
        (value, expected[index] if index < len(expected) else value)
        for index, value in enumerate(actual)
    ]


def _expected_part(actual: Any, expected: Any) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the parts of a value that are expected; lists in any order."""
    if isinstance(actual, dict) and isinstance(expected, dict):
        return {key: _expected_part(actual.get(key), value) for key, value in expected.items()}
    if isinstance(actual, list) and isinstance(expected, list):
        same = sorted(map(json.dumps, actual)) == sorted(map(json.dumps, expected))
        return expected if same else actual
    return actual


@pytest.mark.parametrize(
    "path",
    everyday([p for p in CASES if "after" not in expected_result(p)], daily=range(8)),
    ids=lambda p: p.stem,
)
def test_import_reads_each_export_of_the_corpus_as_expected(path: Path, tmp_path: Path) -> None:
    expected = expected_result(path)
    folder = campaign(tmp_path / "campaign", expected["campaign"]["columns"])
    yes = means_yes(expected)
    ran = merge("import", path.parent / expected["case"], folder, "--dry-run", "--json", *yes)
    is_undecided = any(problem["level"] == "error" for problem in ran.json["problems"])
    assert (ran.code, differences(expected, ran.json)) == (int(is_undecided), {})
    assert [p.name for p in folder.iterdir()] == ["signers.xlsx"]


@pytest.mark.parametrize(
    "path", everyday([p for p in CASES if "after" in expected_result(p)]), ids=lambda p: p.stem
)
def test_a_later_import_changes_only_cells_that_staff_did_not(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = expected_result(path)
    folder = campaign(tmp_path / "campaign", expected["campaign"]["columns"])
    workbook = (folder / "signers.xlsx").read_bytes()
    import_into(path.parent / expected["after"], folder, monkeypatch)
    ids = {row[1]: row[0] for row in load_workbook(folder / LIST)["Signers"].values}
    correct(folder, expected["corrections"])

    later = path.parent / expected["case"]
    ran = merge("import", later, folder, "--dry-run", "--json")
    assert (ran.code, differences(expected, ran.json)) == (0, {})

    import_into(later, folder, monkeypatch)
    assert in_order(list_rows(folder)) == in_order(row["fields"] for row in expected["list"])
    current_ids = {row[1]: row[0] for row in load_workbook(folder / LIST)["Signers"].values}
    assert {n: i for n, i in current_ids.items() if n in ids} == {
        n: ids[n] for n in current_ids if n in ids
    }
    assert len({*current_ids.values()}) == len(current_ids)

    written = (folder / LIST).read_bytes()
    third = merge("import", later, folder)
    assert (third.code, (folder / LIST).read_bytes() == written) == (0, True), third.out
    assert "changed both by you" not in third.out
    assert (folder / "signers.xlsx").read_bytes() == workbook
