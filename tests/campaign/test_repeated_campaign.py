"""A campaign as it goes: two hundred letters, touched by many hands, and made once more."""

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
    """Letters for a number: a name holds no digits."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:03}").title()


def _all(folder: Path) -> dict[str, tuple[str, int]]:
    """Every letter's bytes and time, by its path."""
    files = sorted((folder / "letters").rglob("*.docx"))
    return {
        str(path.relative_to(folder)): (
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


def test_nothing_that_staff_did_is_lost_and_nothing_else_is_left_undone(  # noqa: PLR0915 - a story
    tmp_path: Path,
) -> None:
    folder = make(tmp_path, TEMPLATE, **_sheets(_signers(50), "Minister of A"))
    first = merge("letters", folder, "--json").json
    assert (first["planned"], first["written"]) == (200, 200)
    letters = {e["path"]: e for e in merge("letters", folder, "--json").json["letters"]}
    paths = list(letters)

    edited = paths[0:30]
    for path in edited:
        _edit(folder / path)
    in_office, resaved = paths[30:35], paths[35:40]
    for path in in_office:
        _edit(folder / path)
    resave([folder / path for path in (*in_office, *resaved)], tmp_path / "office")
    renamed, moved = paths[40:43], paths[43:45]
    for number, path in enumerate(renamed):
        (folder / path).rename((folder / path).with_name(f"to be looked at {number}.docx"))
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
    before = _all(folder)
    ran = merge("letters", folder, "--json").json
    after = _all(folder)
    now = {e["id"]: e for e in ran["letters"]}
    states = {path: now[letters[path]["id"]]["state"] for path in paths}

    touched = {*edited, *in_office, *resaved, *posted}
    assert {p: after.get(p) for p in touched} == {p: before[p] for p in touched}
    aside = [p for p in before if "to be looked at" in p or "For Ana" in p or "a copy" in p]
    assert len(aside) == 6
    to_a = {p for p in paths if "Minister A" in p}
    anew = {now[letters[p]["id"]]["path"] for p in (*renamed, *moved) if p in to_a}
    assert anew < set(aside)  # brought up to date where they lie
    assert {p: after.get(p) for p in aside if p not in anew} == {
        p: before[p] for p in aside if p not in anew
    }
    assert all(after[p] != before[p] for p in anew)

    assert {states[p] for p in resaved} == {"resaved"}
    for path in (*edited, *in_office):
        assert states[path] == ("edited-changed" if path in to_a else "edited")
    for path in (*renamed, *moved):
        assert states[path] == ("rewritten" if path in to_a else "moved")
    assert {states[p] for p in posted} == {"on-paper"}
    assert {states[p] for p in deleted} == {"new"}
    untouched = set(paths) - touched - {*renamed, *moved, *deleted}
    of_corrected = {p for p in paths if corrected in p}
    assert of_corrected <= untouched
    due = (untouched & to_a) | of_corrected
    assert {p for p in untouched if states[p] == "rewritten"} == due
    assert {states[p] for p in untouched - due} == {"unchanged"}
    assert {p for p in after if corrected in p} == set()
    assert len([p for p in after if "Signer Corrected" in p]) == 4

    parts = ("written", "unchanged", "kept", "skipped")
    assert ran["planned"] == 240 == sum(ran[part] for part in parts)
    assert ran["written"] == 40 + 4 + len(due) + len(anew)
    assert ran["kept"] == 30 + 5 + 5 + 3 + 2 + 20 - len(anew)
    codes = {p["code"] for p in ran["problems"]}
    assert codes == {"name-corrected", "letter-copied"}
    told = next(p for p in ran["problems"] if p["code"] == "name-corrected")
    assert f"“{corrected}” is now “Signer Corrected”, who keeps 4 letters." in told["message"]

    again = merge("letters", folder, "--json").json
    assert again["written"] == 0
    assert _all(folder) == after
