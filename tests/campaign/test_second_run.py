"""A campaign of 200 letters that staff work on, and a second run."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook
from support.campaigns import make, merge
from support.office_programs import needs_libreoffice, resave

pytestmark = [needs_libreoffice, pytest.mark.libreoffice, pytest.mark.slow]

TEMPLATE = """{{ recipient.name }}
{{ recipient.title }}
Dear {{ recipient.name }},
We ask you to release them.
{{ signer.name }}
{{ signer.city }}"""
CITIES = ("Quito", "Lagos", "Turin", "Hanoi", "Minsk")


def _sheets(signers: list[tuple[str, str]], title: str) -> dict[str, Any]:
    recipients = [(f"Minister {name}", f"Minister of {name}") for name in "ABCD"]
    recipients[0] = (recipients[0][0], title)
    return {
        "Signers": [("Name", "City"), *signers],
        "Recipients": [("Name", "Title"), *recipients],
    }


def _signers(count: int) -> list[tuple[str, str]]:
    return [(f"Signer {_word(n)}", f"{CITIES[n % 5]} {n}") for n in range(count)]


def _word(number: int) -> str:
    """Return a number as letters: a name must not contain digits."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:03}").title()


def _letter_states(folder: Path) -> dict[str, tuple[str, int]]:
    """Return every letter's hash and time by its path."""
    files = sorted((folder / "letters").rglob("*.docx"))
    return {
        path.relative_to(folder).as_posix(): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in files
    }


def _edit(path: Path) -> None:
    document = Document(str(path))
    document.add_paragraph("With kind regards to your staff.")
    document.save(str(path))


def _post(folder: Path, ids: set[str]) -> None:
    book = load_workbook(folder / "register.xlsx")
    sheet = book["Register"]
    headings = {cell.value: number for number, cell in enumerate(sheet[1])}
    for row in sheet.iter_rows(min_row=2):
        if str(row[headings["ID"]].value) in ids:
            row[headings["Posted"]].value = dt.datetime(2026, 11, 20)  # noqa: DTZ001
    book.save(folder / "register.xlsx")


def test_a_second_run_of_200_letters_keeps_all_work_of_staff_and_updates_the_rest(  # noqa: PLR0915 - a story
    tmp_path: Path,
) -> None:
    folder = make(tmp_path, TEMPLATE, **_sheets(_signers(50), "Minister of A"))
    first = merge("letters", folder, "--json").json
    assert (first["planned"], first["written"]) == (200, 200)
    letters = {step["path"]: step for step in merge("letters", folder, "--json").json["letters"]}
    paths = list(letters)

    edited = paths[0:30]
    for path in edited:
        _edit(folder / path)
    edited_in_libreoffice, resaved = paths[30:35], paths[35:40]
    for path in edited_in_libreoffice:
        _edit(folder / path)
    resave([folder / path for path in (*edited_in_libreoffice, *resaved)], tmp_path / "office")
    renamed, moved = paths[40:43], paths[43:45]
    for number, path in enumerate(renamed):
        (folder / path).rename((folder / path).with_name(f"for review {number}.docx"))
    (folder / "letters" / "For Ana").mkdir()
    for number, path in enumerate(moved):
        (folder / path).rename(folder / "letters" / "For Ana" / f"{number}.docx")
    copied = paths[45]
    shutil.copy2(folder / copied, (folder / copied).with_name("a copy.docx"))
    deleted = paths[46:50]
    for path in deleted:
        (folder / path).unlink()
    posted = paths[50:70]
    _post(folder, {letters[path]["id"] for path in posted})

    signers = _signers(60)
    corrected = signers[40][0]
    signers[40] = ("Signer Corrected", signers[40][1])
    make(folder, TEMPLATE, **_sheets(signers, "Former minister of A"))
    before = _letter_states(folder)
    ran = merge("letters", folder, "--json").json
    after = _letter_states(folder)
    steps = {step["id"]: step for step in ran["letters"]}
    states = {path: steps[letters[path]["id"]]["state"] for path in paths}

    worked_on = {*edited, *edited_in_libreoffice, *resaved, *posted}
    assert {p: after.get(p) for p in worked_on} == {p: before[p] for p in worked_on}
    moved_paths = [p for p in before if "for review" in p or "For Ana" in p or "a copy" in p]
    assert len(moved_paths) == 6
    to_a = {p for p in paths if "Minister A" in p}
    updated_moved = {steps[letters[p]["id"]]["path"] for p in (*renamed, *moved) if p in to_a}
    assert updated_moved < set(moved_paths)  # updated at their new paths
    assert {p: after.get(p) for p in moved_paths if p not in updated_moved} == {
        p: before[p] for p in moved_paths if p not in updated_moved
    }
    assert all(after[p] != before[p] for p in updated_moved)

    assert {states[p] for p in resaved} == {"resaved"}
    for path in (*edited, *edited_in_libreoffice):
        assert states[path] == ("edited-changed" if path in to_a else "edited")
    for path in (*renamed, *moved):
        assert states[path] == ("rewritten" if path in to_a else "moved")
    assert {states[p] for p in posted} == {"on-paper"}
    assert {states[p] for p in deleted} == {"new"}
    untouched = set(paths) - worked_on - {*renamed, *moved, *deleted}
    corrected_paths = {p for p in paths if corrected in p}
    assert corrected_paths <= untouched
    expected_updates = (untouched & to_a) | corrected_paths
    assert {p for p in untouched if states[p] == "rewritten"} == expected_updates
    assert {states[p] for p in untouched - expected_updates} == {"unchanged"}
    assert {p for p in after if corrected in p} == set()
    assert len([p for p in after if "Signer Corrected" in p]) == 4

    parts = ("written", "unchanged", "kept", "skipped")
    assert ran["planned"] == 240 == sum(ran[part] for part in parts)
    assert ran["written"] == 40 + 4 + len(expected_updates) + len(updated_moved)
    assert ran["kept"] == 30 + 5 + 5 + 3 + 2 + 20 - len(updated_moved)
    codes = {p["code"] for p in ran["problems"]}
    assert codes == {"name-corrected", "letter-copied"}
    renaming = next(p for p in ran["problems"] if p["code"] == "name-corrected")
    assert f"“{corrected}” is now “Signer Corrected”, who keeps 4 letters." in renaming["message"]

    again = merge("letters", folder, "--json").json
    assert again["written"] == 0
    assert _letter_states(folder) == after
