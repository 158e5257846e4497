"""The register restored, emptied or copied: printed letters stay printed."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from openpyxl import load_workbook
from support import staff_actions
from support.campaigns import RunResult, letters, make, merge
from support.everyday import everyday
from support.office_programs import needs_calc, saved_by_calc
from support.printed_campaigns import (
    MARK_DAY,
    NEWER,
    PEOPLE,
    make_six_letters,
    mark,
    no_libreoffice,
    run_print,
)

from merge.campaign.campaign import read_campaign
from merge.campaign.letters_order import LettersOrder
from merge.campaign.letters_run import write_letters
from merge.campaign.plan import LettersRunPlan
from merge.letter_status import LetterStep

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

PATH = os.environ["PATH"]
DAY = dt.date(2099, 1, 1)
LI, ROY = "Ana Ruiz/Minister Li.docx", "Ana Ruiz/Consul Roy.docx"


def _problem_texts(ran: RunResult) -> dict[str, str]:
    """Return place, message and remedy of each problem of a run, by code."""
    problems = ran.json["problems"]
    return {p["code"]: f"{p['where']}: {p['message']} {p['hint']}" for p in problems}


def _change_template(folder: Path, template: str = NEWER) -> Path:
    """Change the template, with the same people."""
    return make(folder, template, Signers=[["Name"], *([name] for name in PEOPLE)])


def _fill_column(
    path: Path, stage: str, values: Mapping[int, object], sheet: str = "Register"
) -> None:
    """Write values, by row number, into the column of a stage, as staff do."""
    book = load_workbook(path)
    column = next(c.column for c in book[sheet][1] if c.value == stage)
    for row, value in values.items():
        book[sheet].cell(row, column).value = value  # type: ignore[assignment]
    book.save(path)


def _stages(folder: Path) -> Mapping[str, int]:
    """Return the number of letters at each stage, without those at none."""
    stages = merge("status", folder, "--json").json["stages"]
    return {stage: number for stage, number in stages.items() if number}


def _codes(ran: RunResult) -> set[str]:
    return {*_problem_texts(ran)} - {"column-unused"}


def _delete_rows(folder: Path, row: int, number: int = 1) -> None:
    book = load_workbook(folder / "register.xlsx")
    book["Register"].delete_rows(row, number)
    book.save(folder / "register.xlsx")


def test_an_older_register_changes_nothing_and_gets_the_dates_again(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path / "c")
    shutil.copy2(folder / "register.xlsx", tmp_path / "older.xlsx")
    mark(folder, "Posted")
    merge("letters", folder)
    shutil.copy2(tmp_path / "older.xlsx", folder / "register.xlsx")
    _change_template(folder)
    ran = merge("letters", folder, "--json")
    assert (_codes(ran), ran.json["written"]) == (set(), 4)
    assert _stages(folder) == {"posted": 2}
    assert [str(cell)[:10] for cell in _column(folder, "Posted")[:3]] == [str(MARK_DAY)] * 2 + [
        "None"
    ]


def test_an_older_register_with_a_date_that_was_cleared_later_does_not_bring_it_back(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path / "c")
    _fill_column(folder / "register.xlsx", "Printed", {2: DAY})
    _fill_column(folder / "register.xlsx", "Signed", {2: DAY})
    shutil.copy2(folder / "register.xlsx", tmp_path / "just saved.xlsx")
    merge("letters", folder)
    shutil.copy2(folder / "register.xlsx", tmp_path / "older.xlsx")
    _fill_column(folder / "register.xlsx", "Signed", {2: None})
    merge("letters", folder)
    for older in ("older.xlsx", "just saved.xlsx"):
        shutil.copy2(tmp_path / older, folder / "register.xlsx")
        assert _codes(merge("letters", folder, "--json")) == set()
        assert _stages(folder) == {"printed": 1}
        assert _column(folder, "Signed")[0] is None


def test_a_date_that_is_typed_cleared_and_typed_again_counts_each_time(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    register = folder / "register.xlsx"
    _fill_column(register, "Printed", {2: DAY})
    for cell in (DAY, None, DAY, None, "sent", DAY, None):
        _fill_column(register, "Signed", {2: cell})
        merge("letters", folder)
        assert _stages(folder).get("signed", 0) == (cell is not None)
        assert (_column(folder, "Signed")[0] is None) == (cell is None)


def test_a_date_is_typed_over_while_the_register_cannot_be_updated(tmp_path: Path) -> None:
    """Each run reads the cell, and none can write what it read into the register."""
    folder = make_six_letters(tmp_path)
    register, lock = folder / "register.xlsx", folder / "~$register.xlsx"
    _fill_column(register, "Printed", {2: DAY})
    lock.write_bytes(b"open")
    for cell in (DAY, dt.date(2099, 2, 2), None, DAY, None):
        _fill_column(register, "Signed", {2: cell})
        assert "register-open" in _codes(merge("letters", folder, "--json"))
        assert _stages(folder).get("signed", 0) == (cell is not None)
    lock.unlink()
    merge("letters", folder)
    assert _stages(folder) == {"printed": 1}
    assert _column(folder, "Signed")[0] is None


def test_clearing_one_of_several_dates_of_a_letter_simply_counts(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    mark(folder, "Posted")
    merge("letters", folder)
    _fill_column(folder / "register.xlsx", "Posted", dict.fromkeys(range(2, 8)))
    assert _stages(folder) == {"printed": 2}
    assert _codes(merge("letters", folder, "--json")) == set()
    assert _stages(folder) == {"printed": 2}


def _clear_last_dates(folder: Path) -> Path:
    """Post two letters, clear their dates in the register, change a text."""
    make_six_letters(folder)
    mark(folder, "Posted")
    merge("letters", folder)
    _fill_column(folder / "register.xlsx", "Posted", dict.fromkeys(range(2, 8)))
    return _change_template(folder)


def test_clearing_the_last_date_of_letters_is_a_question(tmp_path: Path) -> None:
    folder = _clear_last_dates(tmp_path / "c")
    before = {path: (folder / "letters" / path).read_bytes() for path in (LI, ROY)}
    for _ in range(2):
        ran = merge("letters", folder, "--json")
        assert ran.code == 1
        states = {step["path"]: step["state"] for step in ran.json["letters"]}
        assert {states[f"letters/{path}"] for path in before} == {"on-paper"}
        assert {path: (folder / "letters" / path).read_bytes() for path in before} == before
        assert _problem_texts(ran)["register-cleared"] == (
            f"register.xlsx: The last dates of 2 letters were deleted: {ROY} (Posted), {LI}"
            " (Posted). They count until you decide. If they are not printed: “merge letters"
            " --release”. If the dates were deleted by mistake: “merge letters --restore-dates”."
        )
        assert ran.json["problems"][0]["level"] == "error"


@pytest.mark.slow
def test_every_command_asks_about_cleared_dates_until_staff_answer(tmp_path: Path) -> None:
    folder = _clear_last_dates(tmp_path / "c")
    merge("letters", folder)
    texts = {
        command: _problem_texts(merge(command, folder, "--json"))
        for command in ("letters", "check", "status")
    }
    texts["print"] = _problem_texts(run_print(folder, "--dry-run"))
    assert len({text["register-cleared"] for text in texts.values()}) == 1
    assert run_print(folder, "--dry-run").code == 1
    merge("letters", folder, "--restore-dates")
    assert run_print(folder, "--dry-run").json["letters"] == 4


def test_dates_that_were_cleared_by_mistake_are_written_again(tmp_path: Path) -> None:
    folder = _clear_last_dates(tmp_path / "c")
    ran = merge("letters", folder, "--json", "--restore-dates")
    assert (ran.code, _codes(ran), ran.json["written"]) == (0, set(), 4)
    assert [str(cell)[:10] for cell in _column(folder, "Posted")[:2]] == [str(MARK_DAY)] * 2
    assert _codes(merge("letters", folder, "--json")) == set()
    assert _stages(folder) == {"posted": 2}


def test_released_letters_are_created_again_and_their_files_are_in_old_versions(
    tmp_path: Path,
) -> None:
    folder = _clear_last_dates(tmp_path / "c")
    before = {path: (folder / "letters" / path).read_bytes() for path in (LI, ROY)}
    preview = merge("letters", folder, "--json", "--dry-run", "--release").json
    reasons = {s["path"]: (s["state"], s["reason"]) for s in preview["letters"]}
    why = "changed: the template; the printed file is set aside"
    assert reasons[f"letters/{LI}"] == ("rewritten", why)
    ran = merge("letters", folder, "--json", "--release")
    assert (_codes(ran), ran.json["written"]) == (set(), 6)
    old_versions = letters(folder / "letters" / "Old versions")
    assert sorted(path.read_bytes() for path in old_versions.values()) == sorted(before.values())
    assert _stages(folder) == {}
    _change_template(folder, NEWER + "!")
    assert merge("letters", folder, "--json").json["written"] == 6
    assert len(letters(folder / "letters" / "Old versions")) == 2


def test_a_letter_released_by_the_register_is_kept_in_old_versions(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    merge("letters", folder)
    _fill_column(folder / "register.xlsx", "Printed", dict.fromkeys(range(2, 8)))
    assert merge("letters", folder, "--json", "--release").json["written"] == 0
    assert merge("letters", folder, "--json").json["written"] == 0
    before = (folder / "letters" / LI).read_bytes()
    _change_template(folder)
    assert merge("letters", folder, "--json").json["written"] == 6
    old_versions = letters(folder / "letters" / "Old versions")
    assert before in [path.read_bytes() for path in old_versions.values()]
    assert len(old_versions) == 2


def test_a_date_of_a_pile_is_written_into_the_rows_of_its_letters(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    register = folder / "register.xlsx"
    _fill_column(register, "Printed", {2: "by hand"})
    merge("letters", folder)
    _fill_column(register, "Printed", {2: DAY}, "By signer")
    merge("letters", folder)
    shown = [str(cell or "")[:10] for cell in _column(folder, "Printed")]
    assert shown == ["by hand", str(DAY), "", "", "", ""]
    before = register.read_bytes()
    merge("letters", folder)
    assert register.read_bytes() == before


def test_a_cleared_date_of_a_pile_is_taken_back_for_all_of_its_letters(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    register = folder / "register.xlsx"
    mark(folder, "Printed")
    _fill_column(register, "Signed", {2: DAY}, "By signer")
    merge("letters", folder)
    assert _stages(folder) == {"printed": 2, "signed": 2}
    _fill_column(register, "Signed", {2: None}, "By signer")
    assert _codes(merge("letters", folder, "--json")) == set()
    assert _stages(folder) == {"printed": 2}
    assert {*_column(folder, "Signed")} == {None}


def test_a_changed_date_of_a_pile_replaces_the_date_in_the_rows_of_its_letters(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    register, later = folder / "register.xlsx", dt.date(2099, 2, 2)
    for day in (DAY, later):
        _fill_column(register, "Printed", {2: day}, "By signer")
        assert _codes(merge("letters", folder, "--json")) == set()
        assert [str(cell)[:10] for cell in _column(folder, "Printed")[:3]] == [
            *[str(day)] * 2,
            "None",
        ]


@pytest.mark.parametrize("answer", ["--release", "--restore-dates"])
def test_clearing_a_pile_with_the_last_dates_of_letters_is_a_question(
    tmp_path: Path, answer: str
) -> None:
    folder = make_six_letters(tmp_path)
    register = folder / "register.xlsx"
    _fill_column(register, "Printed", {2: DAY}, "By signer")
    merge("letters", folder)
    _fill_column(register, "Printed", {2: None}, "By signer")
    for _ in range(2):
        ran = merge("letters", folder, "--json")
        assert "of 2 letters" in _problem_texts(ran)["register-cleared"]
        assert _stages(folder) == {"printed": 2}
    assert _codes(merge("letters", folder, "--json", answer)) == set()
    is_restored = answer == "--restore-dates"
    assert _stages(folder) == ({"printed": 2} if is_restored else {})
    pile = load_workbook(register)["By signer"]
    column = next(cell.column for cell in pile[1] if cell.value == "Printed")
    assert (pile.cell(2, column).value is not None) == is_restored
    assert _codes(merge("letters", folder, "--json")) == set()


def test_clearing_one_letter_of_a_pile_leaves_the_others(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    register = folder / "register.xlsx"
    _fill_column(register, "Printed", {2: DAY}, "By signer")
    merge("letters", folder)
    _fill_column(register, "Printed", {2: None})
    ran = merge("letters", folder, "--json", "--release")
    assert (ran.code, _stages(folder)) == (0, {"printed": 1})
    merge("letters", folder)
    assert _stages(folder) == {"printed": 1}


def test_a_pile_does_not_count_for_a_letter_that_is_created_later(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    _fill_column(folder / "register.xlsx", "Printed", {2: DAY}, "By signer")
    merge("letters", folder)
    make(folder, Recipients=[["Name"], ["Minister Li"], ["Consul Roy"], ["Zed Quill"]])
    for _ in range(2):
        merge("letters", folder)
        assert _stages(folder) == {"printed": 2}
    assert run_print(folder, "--unsigned", "--dry-run").json["letters"] == 4


def test_a_deleted_row_of_the_register_comes_back_with_its_date(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Signed")
    _fill_column(folder / "register.xlsx", "Tracking number", {2: "RR1"})
    merge("letters", folder)
    _delete_rows(folder, 2)
    _change_template(folder)
    ran = merge("letters", folder, "--json")
    assert LI in _problem_texts(ran)["register-rows-gone"]
    assert {s["path"]: s["state"] for s in ran.json["letters"]}[f"letters/{LI}"] == "on-paper"
    assert _stages(folder) == {"signed": 2}
    assert [str(cell or "")[:10] for cell in _column(folder, "Signed")] == [
        str(MARK_DAY),
        *[""] * 4,
        str(MARK_DAY),
    ]
    assert _column(folder, "Tracking number")[-1] == "RR1"


def test_a_pile_counts_for_a_letter_whose_row_was_deleted(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    _delete_rows(folder, 2)
    _fill_column(folder / "register.xlsx", "Printed", {2: DAY}, "By signer")
    merge("letters", folder)
    assert _stages(folder) == {"printed": 2}


def test_a_missing_register_is_written_again_with_dates_and_tracking_numbers(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    register = folder / "register.xlsx"
    _fill_column(register, "Tracking number", {2: "RR1"})
    _fill_column(register, "Notes", {2: "a call"})
    _fill_column(register, "Signed", {3: DAY}, "By recipient")
    mark(folder, "Posted")
    merge("letters", folder)
    before = [_column(folder, heading) for heading in ("ID", "Signed", "Posted", "Tracking number")]
    old = register.rename(tmp_path / "in the recycle bin.xlsx")
    _change_template(folder)
    status = merge("status", folder, "--json")
    assert "register-gone" in _codes(status)
    assert not register.exists()
    ran = merge("letters", folder, "--json")
    assert (ran.code, _codes(ran), ran.json["written"]) == (0, {"register-gone"}, 2)
    after = [_column(folder, heading) for heading in ("ID", "Signed", "Posted", "Tracking number")]
    assert after == before
    _fill_column(register, "Answered", {2: DAY})
    merge("letters", folder)
    old.replace(register)
    assert _codes(merge("letters", folder, "--json")) == set()
    assert _stages(folder) == {"signed": 3, "posted": 2, "answered": 1}
    assert _column(folder, "Notes")[0] == "a call"


def test_a_missing_register_is_not_written_again_while_excel_has_it(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    (folder / "register.xlsx").unlink()
    (folder / "~$register.xlsx").write_bytes(b"open")
    ran = merge("letters", folder, "--json")
    assert _codes(ran) == {"register-gone", "register-open"}
    assert not (folder / "register.xlsx").exists()


def test_a_register_whose_records_are_lost_is_a_backup_of_them(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Posted")
    _fill_column(folder / "register.xlsx", "Tracking number", {2: "RR1"})
    merge("letters", folder)
    staff_actions.lose_ledger(folder)
    _change_template(folder)
    assert merge("letters", folder, "--json").json["written"] == 0
    assert _stages(folder) == {"posted": 2}
    (folder / "register.xlsx").unlink()
    merge("letters", folder)
    assert [str(cell)[:10] for cell in _column(folder, "Posted")[:2]] == [str(MARK_DAY)] * 2
    assert _column(folder, "Tracking number")[0] == "RR1"


def test_dates_count_and_none_is_cleared_if_the_hidden_column_was_deleted(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Posted")
    merge("letters", folder)
    book = load_workbook(folder / "register.xlsx")
    sheet = book["Register"]
    hidden = next(cell.column for cell in sheet[1] if cell.value == "Kept by the program")
    for row in range(1, 8):
        sheet.cell(row, hidden).value = None
    book.save(folder / "register.xlsx")
    _fill_column(folder / "register.xlsx", "Posted", {2: None, 4: DAY})
    merge("letters", folder)
    assert _stages(folder) == {"posted": 3}
    assert sum(cell is not None for cell in _column(folder, "Posted")) == 3


@pytest.mark.slow
@pytest.mark.parametrize("step", everyday([9, 3]))
def test_stages_of_the_register_are_stored_in_the_ledger_if_the_run_is_killed(
    tmp_path: Path, step: int
) -> None:
    folder = make_six_letters(tmp_path / "c")
    shutil.copy2(folder / "register.xlsx", tmp_path / "older.xlsx")
    mark(folder, "Posted")
    _change_template(folder)
    before = {path: data for path, (data, _) in staff_actions.snapshot(folder).items()}
    kills_after_changes = 0
    for instant in range(1, 40, step):
        copy = Path(shutil.copytree(folder, tmp_path / str(instant)))
        has_ended = not staff_actions.run_until_killed(copy, instant)
        has_changed = {p: data for p, (data, _) in staff_actions.snapshot(copy).items()} != before
        if has_changed:
            shutil.copy2(tmp_path / "older.xlsx", copy / "register.xlsx")
            states = staff_actions.states(copy)
            assert (states[LI], states[ROY]) == ("on-paper", "on-paper"), instant
            kills_after_changes += 1
        if has_ended:
            break
    assert kills_after_changes > 1


@pytest.mark.slow
def test_a_date_saved_in_the_register_during_a_run_counts_in_the_next_run(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    _fill_column(folder / "register.xlsx", "Notes", {2: "a call"})

    def save(_step: LetterStep) -> None:
        mark(folder, "Posted")

    write_letters(
        LettersRunPlan(read_campaign(folder), LettersOrder(folder / "letters")), on_step=save
    )
    _change_template(folder)
    states = staff_actions.states(folder)
    assert (states[LI], states[ROY]) == ("on-paper", "on-paper")


@pytest.mark.slow
def test_a_printed_letter_of_a_removed_person_is_no_problem_after_file_and_row_were_deleted(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Posted")
    merge("letters", folder)
    make(folder, Signers=[["Name"], ["Bo Berg"], ["Chidi Obi"]])
    merge("letters", folder)
    shutil.rmtree(folder / "letters" / "Ana Ruiz")
    _delete_rows(folder, 2, 2)
    merge("letters", folder)
    assert _codes(merge("status", folder, "--json")) == set()
    assert _stages(folder) == {}


def test_a_date_of_a_pile_in_the_register_counts_for_an_orphan(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    _fill_column(folder / "register.xlsx", "Printed", {2: DAY}, "By signer")
    merge("letters", folder)
    make(folder, Signers=[["Name"], ["Bo Berg"], ["Chidi Obi"]])
    for _ in range(3):
        ran = merge("letters", folder, "--json")
        assert "The letter is printed, so it is kept" in _problem_texts(ran)["letter-unwanted"]


@pytest.mark.slow
def test_a_date_of_a_pile_in_the_register_does_not_count_for_an_earlier_orphan(
    tmp_path: Path,
) -> None:
    """The orphan is not printed. If its pair returns, it is updated."""
    recipients = [["Name"], ["Minister Li"]]
    folder = make_six_letters(tmp_path)
    staff_actions.add_line(folder / "letters" / ROY, "We met.")
    make(folder, Recipients=recipients)
    merge("letters", folder)
    _fill_column(folder / "register.xlsx", "Printed", {2: DAY}, "By signer")
    texts = _problem_texts(merge("letters", folder, "--json"))
    assert "The letter was edited, so it is kept" in texts["letter-unwanted"]
    make(folder)
    for _ in range(2):
        states = staff_actions.states(folder)
        assert (states[LI], states[ROY]) == ("on-paper", "edited-changed")
    assert merge("status", folder, "--json").json["stages"]["printed"] == 1


COPIES = [
    "register (Ana's conflicted copy 2026-11-26).xlsx",
    "register-DESKTOP-AB12.xlsx",
    "register (1).xlsx",
    "register.sync-conflict-20261126-101500-ABCDEFG.xlsx",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", everyday(COPIES))
def test_dates_in_a_conflict_copy_of_the_register_count_and_are_in_the_register(
    tmp_path: Path, name: str
) -> None:
    folder = make_six_letters(tmp_path)
    shutil.copy2(folder / "register.xlsx", folder / name)
    _fill_column(folder / name, "Posted", {2: DAY, 3: "by hand"})
    _fill_column(folder / name, "Signed", {3: DAY}, "By signer")
    for command in (("check",), ("status",), ("print", "--dry-run"), ("letters",), ("letters",)):
        ran = merge(command[0], folder, "--json", *command[1:])
        assert _problem_texts(ran)["register-copies"] == (
            f"register.xlsx: There is a conflict copy of the register: {name}. Its dates and"
            " tracking numbers are in register.xlsx now, its notes are not. Copy notes that only"
            " it has, then delete it."
        )
        assert _stages(folder) == {"signed": 2, "posted": 2}
    (folder / name).unlink()
    assert _codes(merge("letters", folder, "--json")) == set()
    assert _stages(folder) == {"signed": 2, "posted": 2}
    assert [str(cell or "")[:10] for cell in _column(folder, "Posted")[:3]] == [
        str(DAY),
        "by hand",
        "",
    ]


def test_a_date_cleared_after_a_conflict_copy_was_read_does_not_come_back(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    merge("letters", folder)
    shutil.copy2(folder / "register.xlsx", folder / COPIES[2])
    _fill_column(folder / COPIES[2], "Signed", {2: DAY})
    merge("letters", folder)
    _fill_column(folder / "register.xlsx", "Signed", {2: None})
    for _ in range(2):
        merge("letters", folder)
        assert _stages(folder) == {"printed": 2}


@pytest.mark.parametrize(
    "name",
    everyday(["register old.xlsx", "Kopia register.xlsx", "register (until 5 May 2026).xlsx"]),
)
def test_copies_of_the_register_by_staff_are_not_read(tmp_path: Path, name: str) -> None:
    folder = make_six_letters(tmp_path)
    shutil.copy2(folder / "register.xlsx", folder / name)
    _fill_column(folder / name, "Posted", {2: DAY})
    assert _codes(merge("letters", folder, "--json")) == set()
    assert _stages(folder) == {}


def test_files_with_names_similar_to_the_register_are_not_reported(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    shutil.copy2(folder / "signers.xlsx", folder / "register of voters.xlsx")
    (folder / "register notes.xlsx").write_bytes(b"no workbook")
    (folder / "register.docx").write_bytes(b"")
    (folder / "registers.xlsx").mkdir()
    assert list(_problem_texts(merge("letters", folder, "--json"))) == ["column-unused"]


@pytest.mark.slow
def test_a_conflict_copy_of_the_register_of_other_people_does_not_count(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path / "c")
    other = make(tmp_path / "other", Signers=[["Name"], ["Zoe Zed"]])
    merge("letters", other)
    mark(other, "Posted", "Zoe Zed")
    shutil.copy2(other / "register.xlsx", folder / "register (1).xlsx")
    assert _codes(merge("letters", folder, "--json")) == {"register-copies"}
    assert _stages(folder) == {}


def test_a_register_that_cannot_be_read_is_reported_by_check(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    (folder / "register.xlsx").write_bytes(b"no workbook at all")
    ran = merge("check", folder, "--json")
    assert (ran.code, ran.json["ready"]) == (1, 0)
    assert "register-unreadable" in _problem_texts(ran)


def _column(folder: Path, heading: str) -> list[object]:
    """Return the cells of a column of the Register sheet."""
    sheet = load_workbook(folder / "register.xlsx")["Register"]
    number = next(c.column for c in sheet[1] if c.value == heading)
    return [row[number - 1].value for row in sheet.iter_rows(min_row=2)]


def _stage_counts(folder: Path) -> dict[str, int]:
    """Return how many rows of the Register sheet have each stage."""
    stages = ("Printed", "Signed", "Posted", "Answered")
    counts = {s.lower(): sum(cell is not None for cell in _column(folder, s)) for s in stages}
    return {stage: number for stage, number in counts.items() if number}


def _with_pile_dates(folder: Path) -> Path:
    """Enter dates in all three sheets, and remove a signer with a date."""
    make_six_letters(folder)
    register = folder / "register.xlsx"
    _fill_column(register, "Printed", {2: DAY}, "By signer")
    _fill_column(register, "Signed", {3: DAY}, "By recipient")
    _fill_column(register, "Posted", {2: DAY, 5: "by hand"})
    make(folder, Signers=[["Name"], ["Ana Ruiz"], ["Bo Berg"]])
    merge("letters", folder)
    return folder


@pytest.mark.slow
def test_the_dates_in_the_register_agree_with_status(tmp_path: Path) -> None:
    folder = _with_pile_dates(tmp_path)
    assert _stages(folder) == {"printed": 2, "signed": 2, "posted": 2}
    assert _stage_counts(folder) == {"printed": 2, "signed": 3, "posted": 2}  # one is not needed
    register = folder / "register.xlsx"
    before = register.read_bytes()
    merge("letters", folder)
    assert register.read_bytes() == before
    _fill_column(register, "Posted", {2: None})
    merge("letters", folder)
    assert _stages(folder) == {"printed": 2, "signed": 2, "posted": 1}
    assert _stage_counts(folder) == {"printed": 2, "signed": 3, "posted": 1}


@pytest.mark.libreoffice
@pytest.mark.slow
@needs_calc
def test_a_register_saved_by_libreoffice_calc_keeps_its_dates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _with_pile_dates(tmp_path)
    monkeypatch.setenv("PATH", PATH)
    saved_by_calc(folder / "register.xlsx")
    before, counts = _stages(folder), _stage_counts(folder)
    codes = {"letter-unwanted", "register-no-date"}
    assert _codes(merge("letters", folder, "--json")) == codes
    assert (_stages(folder), _stage_counts(folder)) == (before, counts)
    _fill_column(folder / "register.xlsx", "Signed", {4: DAY})
    _fill_column(folder / "register.xlsx", "Posted", {2: None})
    saved_by_calc(folder / "register.xlsx")
    merge("letters", folder)
    assert _stages(folder) == {**before, "posted": 1, "signed": before["signed"] + 1}


def test_letters_printed_in_the_register_are_listed_by_status_if_data_changed(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Posted")
    _change_template(folder)
    merge("letters", folder)
    ran = merge("status", folder)
    assert "Printed, data changed since: 2 letters." in ran.out
    assert f"  letters/{LI}\n" in ran.out
    status = merge("status", folder, "--json").json
    assert status["on_paper_changed"] == [f"letters/{LI}", f"letters/{ROY}"]


def test_a_letter_printed_only_in_a_conflict_copy_of_the_register_is_kept(tmp_path: Path) -> None:
    folder, name = make_six_letters(tmp_path), "register (Konflikt).xlsx"
    shutil.copy(folder / "register.xlsx", folder / name)
    _fill_column(folder / name, "Posted", {2: DAY, 3: DAY})
    _change_template(folder)
    before = (folder / "letters" / LI).read_bytes()
    ran = merge("letters", folder)
    assert name in ran.err
    assert (folder / "letters" / LI).read_bytes() == before
    (folder / name).unlink()
    merge("letters", folder)
    assert (folder / "letters" / LI).read_bytes() == before


def test_text_typed_into_the_programs_columns_of_the_register_is_reported(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    for heading in ("Signer", "File", "Created on", "Print file"):
        _fill_column(folder / "register.xlsx", heading, {2: "mine"})
    problems = merge("letters", folder, "--json").json["problems"]
    remedies = {p["message"]: p["hint"] for p in problems if p["code"] == "register-typed"}
    message = "“mine” was in the “{}” column, which the program fills in."
    assert remedies == {
        message.format("Signer"): "Change signers.xlsx, Signers!A2 instead.",
        message.format("File"): "Move or rename the file itself; it will be found.",
        message.format("Created on"): "Set “Date” in the Settings sheet instead"
        " (add the row if it is missing).",
        message.format("Print file"): "Use a column of your own.",
    }


def test_a_deleted_register_row_is_reported_once_with_its_letter(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    book = load_workbook(folder / "register.xlsx")
    book["Register"].delete_rows(2)
    book.save(folder / "register.xlsx")
    for words in (("print", folder, "--dry-run"), ("letters", folder)):
        problems = merge(*words, "--json").json["problems"]
        messages = [p["message"] for p in problems if p["code"] == "register-rows-gone"]
        assert len(messages) == 1
        assert "Ana Ruiz/Minister Li.docx" in messages[0]
    assert "register-rows-gone" not in merge("letters", folder).err
