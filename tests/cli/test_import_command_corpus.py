"""Exports of forms and platforms through `merge import`: who is taken, who is not, and why."""

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
from support.campaigns import ROOT, Ran, merge
from support.everyday import everyday
from support.imports import means_yes

CORPUS = ROOT / "tests" / "data" / "exports"
CASES = sorted((*CORPUS.glob("open/*.json"), *CORPUS.glob("own/*.json")))
LIST = "signers from forms.xlsx"


def case(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def campaign(folder: Path, columns: Sequence[str]) -> Path:
    """A folder whose sheet Signers has these headings, and nobody in it."""
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
    """Somebody who says yes to everything."""

    def isatty(self) -> bool:
        return True


def imported(file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Ran:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", _Terminal("y\n" * 9))
        ran = merge("import", file, folder)
    assert ran.code == 0, (ran.out, ran.err)
    return ran


def rows_of(folder: Path) -> list[dict[str, str]]:
    """The people of the list: their cells by heading, without IDs."""
    sheet = load_workbook(folder / LIST)["Signers"]
    headings, *rows = sheet.iter_rows(values_only=True)
    out = {"ID", "To decide"}
    return [
        {str(h): str(c) for h, c in zip(headings, row, strict=True) if c and h not in out}
        for row in rows
    ]


def in_order(people: Iterable[Mapping[str, str]]) -> list[str]:
    return sorted(json.dumps(each, sort_keys=True, ensure_ascii=False) for each in people)


def correct(folder: Path, corrections: Sequence[Mapping[str, Any]]) -> None:
    """What staff do in the list."""
    book = load_workbook(folder / LIST)
    sheet = book["Signers"]
    columns = {cell.value: cell.column or 0 for cell in sheet[1]}
    for each in corrections:
        rows = range(2, sheet.max_row + 1)
        row = next(r for r in rows if sheet.cell(r, columns["Name"]).value == each["who"])
        for heading, text in each.get("set", {}).items():
            sheet.cell(row, columns[heading]).value = text or None
        if each.get("delete"):
            sheet.delete_rows(row)
    book.save(folder / LIST)


def told(result: Mapping[str, Any], key: str) -> list[Any]:
    """What is told under a key, in one order; `same_as` of somebody is a row."""
    return sorted(result[key], key=lambda each: (each["row"], each["why"]))


def nfc(headings: Mapping[str, str]) -> dict[str, str]:
    return {unicodedata.normalize("NFC", h): goes for h, goes in headings.items()}


def differences(expected: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    """What is not as it must be: what it is, and what it must be."""
    found: dict[str, Any] = {}
    read = {key: result["read"].get(key) for key in expected["read"]}
    pairs: list[tuple[str, Any, Any]] = [("read", read, expected["read"])]
    pairs.append(("mapping", nfc(result["mapping"]), expected["mapping"]))
    asked = {unicodedata.normalize("NFC", heading) for heading in result["ask"]}
    pairs.append(("ask", sorted({*expected["ask"]} - asked), []))
    whole = [key for key in ("people", "merge") if key in expected]
    pairs += [(key, _as_far_as(result[key], expected[key]), expected[key]) for key in whole]
    for key in ("doubtful", "dropped", "told"):
        if key in expected:
            own = [_as_far_as(o, e) for o, e in _together(told(result, key), told(expected, key))]
            pairs.append((key, own, told(expected, key)))
    for key, own, must in pairs:
        if own != must:
            found[key] = (own, must)
    return found


def _together(own: list[Any], expected: list[Any]) -> list[tuple[Any, Any]]:
    return [(o, expected[n] if n < len(expected) else o) for n, o in enumerate(own)]


def _as_far_as(own: Any, expected: Any) -> Any:  # noqa: ANN401 - JSON is anything
    """What a value says of what is laid down; names in any order."""
    if isinstance(own, dict) and isinstance(expected, dict):
        return {key: _as_far_as(own.get(key), value) for key, value in expected.items()}
    if isinstance(own, list) and isinstance(expected, list):
        same = sorted(map(json.dumps, own)) == sorted(map(json.dumps, expected))
        return expected if same else own
    return own


@pytest.mark.parametrize(
    "path",
    everyday([p for p in CASES if "after" not in case(p)], of=range(8)),
    ids=lambda p: p.stem,
)
def test_an_export_is_understood(path: Path, tmp_path: Path) -> None:
    expected = case(path)
    folder = campaign(tmp_path / "campaign", expected["campaign"]["columns"])
    yes = means_yes(expected)
    ran = merge("import", path.parent / expected["case"], folder, "--dry-run", "--json", *yes)
    assert (ran.code, differences(expected, ran.json)) == (0, {})
    assert [p.name for p in folder.iterdir()] == ["signers.xlsx"]


@pytest.mark.parametrize(
    "path", everyday([p for p in CASES if "after" in case(p)]), ids=lambda p: p.stem
)
def test_a_later_export_changes_what_staff_did_not(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = case(path)
    folder = campaign(tmp_path / "campaign", expected["campaign"]["columns"])
    workbook = (folder / "signers.xlsx").read_bytes()
    imported(path.parent / expected["after"], folder, monkeypatch)
    ids = {row[1]: row[0] for row in load_workbook(folder / LIST)["Signers"].values}
    correct(folder, expected["corrections"])

    later = path.parent / expected["case"]
    ran = merge("import", later, folder, "--dry-run", "--json")
    assert (ran.code, differences(expected, ran.json)) == (0, {})

    imported(later, folder, monkeypatch)
    assert in_order(rows_of(folder)) == in_order(row["fields"] for row in expected["list"])
    there = {row[1]: row[0] for row in load_workbook(folder / LIST)["Signers"].values}
    assert {n: i for n, i in there.items() if n in ids} == {n: ids[n] for n in there if n in ids}
    assert len({*there.values()}) == len(there)

    written = (folder / LIST).read_bytes()
    third = merge("import", later, folder)
    assert (third.code, (folder / LIST).read_bytes() == written) == (0, True), third.out
    assert "changed both by you" not in third.out
    assert (folder / "signers.xlsx").read_bytes() == workbook
