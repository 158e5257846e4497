"""Letters that staff wrote down as printed or more: whatever happens, they are what is on paper."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support import workbooks
from support.campaigns import make, merge
from support.everyday import everyday
from support.printed_campaigns import NEWER, make_six_letters, mark, no_libreoffice, run_print

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

TODAY = dt.datetime.now().astimezone().date()


def _with_an_error(tmp_path: Path) -> Path:
    """Ana's letters are on paper, then the title that they print is emptied."""
    template = "{{ recipient.name }}\nDear {{ recipient.title }} Li, we write.\n{{ signer.name }}"

    def rows(title: str | None) -> workbooks.Rows:
        return [["Name", "Title"], ["Minister Li", title]]

    merge("letters", make(tmp_path, template, Recipients=rows("Mr")))
    mark(tmp_path, "Posted")
    return make(tmp_path, template, Recipients=rows(None))


def test_an_error_in_the_data_of_a_letter_on_paper_changes_nothing_about_it(tmp_path: Path) -> None:
    folder = _with_an_error(tmp_path)
    states = merge("status", folder, "--json").json["states"]
    assert states == {"on-paper": 1, "faulty": 1}
    ran = run_print(folder, "--skip-errors", "--parcels")
    assert (ran.code, ran.json["letters"], ran.json["left_out"]) == (0, 0, 1)
    steps = merge("letters", folder, "--json", "--skip-errors").json["letters"]
    assert [step["state"] for step in steps] == ["on-paper", "faulty"]
    assert "Recipients!B2" in steps[0]["reason"]


def test_letters_on_paper_are_told_as_such(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    assert "kept: 2 letters, printed\n" in merge("letters", folder).err


@pytest.mark.parametrize("command", everyday(["letters", "print", "status"]))
def test_without_the_register_nobody_knows_what_is_on_paper_and_nothing_is_done(
    tmp_path: Path, command: str
) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Posted")
    merge("letters", folder)
    (folder / "register.xlsx").rename(tmp_path / "register old.xlsx")
    make(folder, NEWER)
    before = {path: path.read_bytes() for path in (folder / "letters").rglob("*.docx")}
    ran = merge(command, folder)
    assert ran.code == 1
    assert "is now missing. It listed 2 printed letters." in ran.err
    assert {path: path.read_bytes() for path in before} == before
    (tmp_path / "register old.xlsx").rename(folder / "register.xlsx")
    assert "kept: 2 letters, printed" in merge("letters", folder).err


def test_a_new_register_is_begun_when_somebody_says_so(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    (folder / "register.xlsx").unlink()
    assert merge("letters", folder).code == 1
    assert merge("letters", folder, "--new-register").code == 0
    assert (folder / "register.xlsx").exists()
    assert merge("letters", folder).code == 0


def test_a_letter_whose_row_was_deleted_still_lies_in_its_pile(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    _date_the_pile(folder, TODAY)
    book = load_workbook(folder / "register.xlsx")
    book["Register"].delete_rows(2)
    book.save(folder / "register.xlsx")
    make(folder, NEWER)
    told = merge("letters", folder, "--json").json["letters"]
    states = {step["path"]: step["state"] for step in told}
    assert states["letters/Ana Ruiz/Minister Li.docx"] == "on-paper"
    assert states["letters/Bo Berg/Minister Li.docx"] == "rewritten"


def _date_the_pile(folder: Path, day: dt.date) -> None:
    book = load_workbook(folder / "register.xlsx")
    sheet = book["By signer"]
    column = [str(cell.value) for cell in sheet[1]].index("Printed") + 1
    sheet.cell(2, column).value = day
    book.save(folder / "register.xlsx")


@pytest.mark.slow
@pytest.mark.parametrize(("days", "covered"), everyday([(0, True), (-1, False)]))
def test_a_new_letter_that_a_piles_date_covers_at_once_is_told(
    tmp_path: Path, days: int, *, covered: bool
) -> None:
    folder = make_six_letters(tmp_path)
    _date_the_pile(folder, TODAY + dt.timedelta(days))
    rows = [["Name"], ["Minister Li"], ["Consul Roy"], ["Zed Quill"]]
    make(folder, "Dear {{ recipient.name }},\n{{ signer.name }}", Recipients=rows)
    told = merge("letters", folder, "--json").json["problems"]
    what = [p["message"] for p in told if p["code"] == "letters-covered"]
    assert bool(what) == covered
    if covered:
        assert "does not count for it: Ana Ruiz/Zed" in what[0]
        assert merge("status", folder, "--json").json["signers"]["Ana Ruiz"]["printed"] == 2
        assert run_print(folder, "--since-last", "--dry-run").json["letters"] == 4
        _date_the_pile(folder, TODAY + dt.timedelta(1))
        assert merge("status", folder, "--json").json["signers"]["Ana Ruiz"]["printed"] == 3


def test_a_deleted_row_is_told_with_what_was_lost(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    book = load_workbook(folder / "register.xlsx")
    book["Register"].delete_rows(2)
    book.save(folder / "register.xlsx")
    for words in (("print", folder, "--dry-run"), ("letters", folder)):
        told = merge(*words, "--json").json["problems"]
        lost = [p["message"] for p in told if p["code"] == "register-rows-gone"]
        assert len(lost) == 1
        assert "Ana Ruiz/Minister Li.docx" in lost[0]
    assert "register-rows-gone" not in merge("letters", folder).err


def test_what_is_noted_of_a_late_letter_goes_with_it(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    _date_the_pile(folder, TODAY)
    rows = [["Name"], ["Minister Li"], ["Consul Roy"], ["Zed Quill"]]
    make(folder, NEWER, Recipients=rows)
    merge("letters", folder)
    assert _late(folder) == 1
    make(folder, NEWER)
    merge("letters", folder)
    shutil.rmtree(folder / "letters" / "No longer wanted")
    merge("letters", folder)
    assert _late(folder) == 0


def _late(folder: Path) -> int:
    """How many letters the ledger knows of that a pile's date does not mean."""
    with closing(sqlite3.connect(folder / "letters" / ".merge-ledger")) as db:
        (fact,) = db.execute("SELECT value FROM fact WHERE name = 'late'").fetchone()
    return len(json.loads(fact))
