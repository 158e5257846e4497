"""`merge status`: letters by status and stage, lists, the next command."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from support.campaigns import make, make_with_letters, merge, typed
from support.everyday import seeds
from support.random_office import Office
from support.registers import table

from merge.register.layouts import STAGES

DAY = dt.date(2099, 1, 1)


def _enter(folder: Path, cells: Mapping[tuple[str, str, str], object], sheet: str) -> None:
    """Enter values in the register by signer, recipient and heading."""
    book = load_workbook(folder / "register.xlsx")
    table = book[sheet]
    columns = {str(cell.value): number for number, cell in enumerate(table[1])}
    for row in table.iter_rows(min_row=2):
        for (signer, recipient, heading), value in cells.items():
            people = [row[columns[h]].value for h in ("Signer", "Recipient") if h in columns]
            if people == [name for name in (signer, recipient) if name]:
                row[columns[heading]].value = value  # type: ignore[assignment]
    book.save(folder / "register.xlsx")


def test_status_before_the_first_run_counts_all_letters_as_not_created(tmp_path: Path) -> None:
    ran = merge("status", make(tmp_path))
    assert ran.out.startswith("4 letters: 4 not created.")
    assert ran.last == f"4 letters to create or update. Next: merge letters {tmp_path}"
    assert not (tmp_path / "letters").exists()


def test_status_counts_letters_by_status_and_stage_for_each_person(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    edited = folder / "letters" / "Ana Ruiz" / "Consul Roy.docx"
    document = Document(str(edited))
    document.add_paragraph("Yours")
    document.save(str(edited))
    signed = {
        ("Bo Berg", "Minister Li", "Printed"): DAY,
        ("Bo Berg", "Minister Li", "Signed"): DAY,
        ("Bo Berg", "Consul Roy", "Printed"): DAY,
    }
    _enter(folder, signed, "Register")
    status = merge("status", folder, "--json").json
    assert status["states"] == {"unchanged": 1, "edited": 1, "on-paper": 2}
    assert status["spoken"] == {"unchanged": 1, "edited": 1, "printed": 2}
    assert status["stages"] == {"printed": 2, "signed": 1, "posted": 0, "answered": 0}
    assert status["signers"]["Bo Berg"]["waiting"] == {
        "signed, not posted": 1,
        "printed, not signed": 1,
    }
    assert status["recipients"]["Consul Roy"]["printed"] == 1
    out = merge("status", folder).out
    assert "Bo Berg: 1 letter printed, not signed" in out


@pytest.mark.slow
def test_the_last_line_of_status_is_the_command_for_the_next_stage(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path / "my own")
    merge("print", folder)
    selection = typed(folder, "--for", "Ana Ruiz")
    assert merge("status", folder, "--for", "Ana Ruiz").last == (
        "2 letters in print files, not marked as printed. Next: print them, then enter the dates in"
        f" register.xlsx, or run: merge mark printed {selection}"
    )
    for stage, waiting in (("printed", "printed, not signed"), ("signed", "signed, not posted")):
        merge("mark", stage, folder, "--for", "Ana Ruiz")
        next_stage = waiting.split()[-1]
        assert merge("status", folder, "--for", "Ana Ruiz").last == (
            f"2 letters {waiting}. When they have been {next_stage}, run:"
            f" merge mark {next_stage} {selection}"
        )
    merge("mark", "posted", folder, "--for", "Ana Ruiz")
    assert (
        merge("status", folder, "--for", "Ana Ruiz").last
        == "All of these letters have been posted."
    )


def test_status_counts_the_date_of_a_pile_for_each_of_its_letters(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    _enter(folder, {("Ana Ruiz", "", "Printed"): DAY}, "By signer")
    status = merge("status", folder, "--json").json
    assert status["stages"]["printed"] == 2
    assert status["signers"]["Ana Ruiz"]["printed"] == 2


def test_status_for_one_person_counts_only_their_letters(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    status = merge("status", folder, "--for", "ana ruiz", "--json").json
    assert status["letters"] == 2
    assert set(status["signers"]) == {"Ana Ruiz"}


def test_status_shortens_a_long_list_and_names_the_command_that_shows_it_completely(
    tmp_path: Path,
) -> None:
    signers = [["Name"], *([f"Ana R{'abcdef'[n % 6] * (n // 6 + 1)}"] for n in range(36))]
    folder = make(tmp_path / "my own", Signers=signers)
    out = merge("status", folder, "--for", "Consul Roy").out
    assert (
        f"and 6 more: {typed('merge', 'status', folder, '--for', 'Consul Roy', '--all')}\n" in out
    )
    assert signers[-1][0] not in out
    out = merge("status", folder, "--all").out
    assert "more" not in out
    assert all(f"\n{name} " in out for [name] in signers[1:])


def test_status_changes_no_file(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    before = [(p, p.read_bytes(), p.stat().st_mtime_ns) for p in files]
    merge("status", folder)
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    assert [(p, p.read_bytes(), p.stat().st_mtime_ns) for p in files] == before


def test_status_lists_letters_that_need_review(tmp_path: Path) -> None:
    root = tmp_path / "letters"
    make_with_letters(tmp_path)
    shutil.copy(root / "Ana Ruiz" / "Minister Li.docx", root / "Bo Berg" / "Minister Li.docx")
    shutil.copy(root / "Ana Ruiz" / "Consul Roy.docx", root / "one.docx")
    (root / "Ana Ruiz" / "Consul Roy.docx").rename(root / "two.docx")
    output, status = merge("status", tmp_path).out, merge("status", tmp_path, "--json").json
    assert "Needs review: 2 letters." in output
    assert len(status["to_look_at"]) == 2
    assert all(f"  {letter}\n" in output for letter in status["to_look_at"])
    assert "letters/Bo Berg/Minister Li.docx: the letter of another signer or recipient" in output
    assert "several copies of this letter, none was changed: one.docx, two.docx" in output


def _letters_per_stage(folder: Path) -> tuple[dict[str, int], ...]:
    """Return the letters per stage in status, report and register."""
    status = merge("status", folder, "--json").json["stages"]
    totals = merge("report", folder, "--json").json["totals"]
    rows = table(folder / "register.xlsx")
    by_id = {row["ID"]: row for row in rows if str(row.get("Status", "")).startswith("printed")}
    reached = [{*row, "Posted"} if "Answered" in row else {*row} for row in by_id.values()]
    return (
        status,
        {stage.lower(): totals[stage] for stage in STAGES},
        {stage.lower(): sum(stage in row for row in reached) for stage in STAGES},
    )


def _enter_somewhere(folder: Path, chance: random.Random) -> None:
    """Fill or empty a random stage of a letter or a pile."""
    book = load_workbook(folder / "register.xlsx")
    sheet = book[chance.choice(["Register", "Register", "By signer", "By recipient"])]
    headings = [cell.value for cell in sheet[1]]
    if sheet.max_row > 1:
        row, column = chance.randint(2, sheet.max_row), headings.index(chance.choice(STAGES)) + 1
        value = chance.choice([DAY, DAY, dt.date(2020, 1, 1), "yes", None])
        sheet.cell(row, column, value)
        sheet.cell(row, column).value = value  # None empties it
    book.save(folder / "register.xlsx")


def _check_random_office(folder: Path, seed: int) -> None:
    office = Office(folder, seed)
    for _ in range(8):
        for _ in range(office.random.randint(0, 2)):
            office.change_workbook()
            office.touch_letters()
        office.close_all(folder, folder)
        options = ["--skip-errors", *["--release"] * office.random.randint(0, 1)]
        result = merge("letters", folder, *options, "--json").json
        if not {problem["code"] for problem in result["problems"]} & {
            "letters-gone",
            "register-cleared",
        }:
            status, report, register = _letters_per_stage(folder)
            assert status == report == register, (seed, office.done)
        _enter_somewhere(folder, office.random)


@pytest.mark.slow
def test_status_does_not_count_a_posted_letter_whose_pair_and_file_are_missing(
    tmp_path: Path,
) -> None:
    folder = make_with_letters(tmp_path)
    merge("mark", "posted", folder, "--for", "Bo Berg")
    merge("letters", folder)
    assert _letters_per_stage(folder)[2]["posted"] == 2
    for path in (folder / "letters" / "Bo Berg").iterdir():
        path.unlink()
    make(folder, Signers=[["Name"], ["Ana Ruiz"]])
    merge("letters", folder)
    rows = {row["Signer"]: row for row in table(folder / "register.xlsx")}
    assert rows["Bo Berg"]["Status"] == "no longer needed"
    assert rows["Bo Berg"]["Posted"]  # the entry of staff is kept
    assert _letters_per_stage(folder) == ({stage.lower(): 0 for stage in STAGES},) * 3


@pytest.mark.slow
def test_status_does_not_count_a_copied_register_row_twice(tmp_path: Path) -> None:
    folder = make_with_letters(tmp_path)
    merge("mark", "printed", folder, "--for", "Ana Ruiz")
    merge("letters", folder)
    book = load_workbook(folder / "register.xlsx")
    sheet = book["Register"]
    for number, cell in enumerate(sheet[2], 1):
        sheet.cell(sheet.max_row + (number == 1), number, cell.value)
    sheet.tables["Letters"].ref = sheet.dimensions
    book.save(folder / "register.xlsx")
    assert [reached["printed"] for reached in _letters_per_stage(folder)] == [2, 2, 2]
    merge("letters", folder)
    assert [reached["printed"] for reached in _letters_per_stage(folder)] == [2, 2, 2]


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("seed", seeds(16, 100))
def test_status_report_and_register_have_the_same_figures_in_random_offices(
    tmp_path: Path, seed: int
) -> None:
    _check_random_office(tmp_path / "office", seed)
