"""The register put back, emptied, copied: what was on paper stays so until somebody is asked."""

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
from merge.campaign.plan import Plan
from merge.letter_status import Step

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

PATH = os.environ["PATH"]
DAY = dt.date(2099, 1, 1)
LI, ROY = "Ana Ruiz/Minister Li.docx", "Ana Ruiz/Consul Roy.docx"


def _told(ran: RunResult) -> dict[str, str]:
    """What a run tells, by code: where, what, what to do."""
    found = ran.json["problems"]
    return {p["code"]: f"{p['where']}: {p['message']} {p['hint']}" for p in found}


def _changed(folder: Path, template: str = NEWER) -> Path:
    """Another text, the same people."""
    return make(folder, template, Signers=[["Name"], *([name] for name in PEOPLE)])


def _fill(path: Path, stage: str, values: Mapping[int, object], sheet: str = "Register") -> None:
    """Staff write into a stage's column, by the numbers of rows."""
    book = load_workbook(path)
    column = next(c.column for c in book[sheet][1] if c.value == stage)
    for row, value in values.items():
        book[sheet].cell(row, column).value = value  # type: ignore[assignment]
    book.save(path)


def _with_an_older_register(folder: Path) -> Path:
    """Ana's two letters are posted, then a register from before is put back, and a text changes."""
    make_six_letters(folder)
    older = folder.parent / "older.xlsx"
    shutil.copy2(folder / "register.xlsx", older)
    mark(folder, "Posted")
    merge("letters", folder)
    shutil.copy2(older, folder / "register.xlsx")
    return _changed(folder)


def test_an_older_register_frees_no_letter_and_is_told_first_of_all(tmp_path: Path) -> None:
    folder = _with_an_older_register(tmp_path / "c")
    before = {path: (folder / "letters" / path).read_bytes() for path in (LI, ROY)}
    for _ in range(2):
        ran = merge("letters", folder, "--json")
        states = {step["path"]: step["state"] for step in ran.json["letters"]}
        assert {states[f"letters/{path}"] for path in before} == {"on-paper"}
        assert {path: (folder / "letters" / path).read_bytes() for path in before} == before
        first = ran.json["problems"][0]
        assert (first["code"], first["level"]) == ("register-says-less", "warning")
        assert first["message"] == (
            f"Dates for 2 letters were removed: {ROY} (Posted), {LI} (Posted). They still count."
        )
        assert "merge letters --trust-register" in first["hint"]


def test_every_command_says_the_same_of_a_register_that_says_less(tmp_path: Path) -> None:
    folder = _with_an_older_register(tmp_path / "c")
    merge("letters", folder)
    found = {c: _told(merge(c, folder, "--json")) for c in ("letters", "check", "status")}
    found["print"] = _told(run_print(folder, "--dry-run"))
    assert len({told["register-says-less"] for told in found.values()}) == 1
    status = merge("status", folder, "--json").json
    assert status["stages"]["posted"] == 2
    assert run_print(folder, "--dry-run").json["letters"] == 4
    assert run_print(folder, "--unsigned", "--dry-run").json["letters"] == 4


def test_the_right_register_put_back_ends_it(tmp_path: Path) -> None:
    folder = _with_an_older_register(tmp_path / "c")
    right = tmp_path / "right.xlsx"
    merge("letters", folder)
    shutil.copy2(folder / "register.xlsx", right)
    mark(folder, "Posted")
    assert "register-says-less" not in _told(merge("letters", folder, "--json"))
    shutil.copy2(right, folder / "register.xlsx")
    assert "register-says-less" in _told(merge("letters", folder, "--json"))


def test_a_register_that_is_right_as_it_is_releases_letters_and_their_files_are_kept(
    tmp_path: Path,
) -> None:
    folder = _with_an_older_register(tmp_path / "c")
    before = {path: (folder / "letters" / path).read_bytes() for path in (LI, ROY)}
    dry = merge("letters", folder, "--json", "--dry-run", "--trust-register").json
    reasons = {s["path"]: (s["state"], s["reason"]) for s in dry["letters"]}
    why = "changed: the template; the printed file is set aside"
    assert reasons[f"letters/{LI}"] == ("rewritten", why)
    ran = merge("letters", folder, "--json", "--trust-register")
    assert "register-says-less" not in _told(ran)
    assert ran.json["written"] == 6
    kept = letters(folder / "letters" / "Old versions")
    assert sorted(path.read_bytes() for path in kept.values()) == sorted(before.values())
    assert "register-says-less" not in _told(merge("status", folder, "--json"))
    _changed(folder, NEWER + "!")
    assert merge("letters", folder, "--json").json["written"] == 6
    assert len(letters(folder / "letters" / "Old versions")) == 2


def test_a_released_letter_is_kept_whenever_it_is_written_anew(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    merge("letters", folder)
    _fill(folder / "register.xlsx", "Printed", dict.fromkeys(range(2, 8)))
    assert merge("letters", folder, "--json", "--trust-register").json["written"] == 0
    assert merge("letters", folder, "--json").json["written"] == 0
    before = (folder / "letters" / LI).read_bytes()
    _changed(folder)
    assert merge("letters", folder, "--json").json["written"] == 6
    kept = letters(folder / "letters" / "Old versions")
    assert before in [path.read_bytes() for path in kept.values()]
    assert len(kept) == 2


def test_only_the_letters_that_are_asked_for_are_released(tmp_path: Path) -> None:
    folder = _with_an_older_register(tmp_path / "c")
    words = ("--json", "--trust-register", "--for", "Ana Ruiz", "--for", "Consul Roy")
    ran = merge("letters", folder, *words)
    assert f"for 1 letter were removed: {LI} (Posted)" in _told(ran)["register-says-less"]
    assert ran.json["written"] == 1


def test_less_than_before_is_told_of_a_letter_that_is_on_paper_still(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    mark(folder, "Posted")
    merge("letters", folder)
    _fill(folder / "register.xlsx", "Posted", dict.fromkeys(range(2, 8)))
    assert f"{LI} (Posted)" in _told(merge("status", folder, "--json"))["register-says-less"]
    assert run_print(folder, "--unsigned", "--dry-run").json["letters"] == 4


def test_a_piles_date_that_is_gone_is_noticed(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    _fill(folder / "register.xlsx", "Printed", {2: DAY}, "By signer")
    merge("letters", folder)
    _fill(folder / "register.xlsx", "Printed", {2: None}, "By signer")
    assert "for 2 letters" in _told(merge("letters", folder, "--json"))["register-says-less"]


def test_a_deleted_row_frees_no_letter(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Signed")
    merge("letters", folder)
    book = load_workbook(folder / "register.xlsx")
    book["Register"].delete_rows(2)
    book.save(folder / "register.xlsx")
    _changed(folder)
    for _ in range(2):
        told = merge("letters", folder, "--json")
        assert f"{LI} (Signed)" in _told(told)["register-says-less"]
        assert "register-rows-gone" not in _told(told)
        assert {s["path"]: s["state"] for s in told.json["letters"]}[f"letters/{LI}"] == "on-paper"


def test_a_new_register_forgets_nothing_that_was_on_paper(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Posted")
    merge("letters", folder)
    (folder / "register.xlsx").unlink()
    _changed(folder)
    told = merge("letters", folder, "--json", "--new-register")
    assert "for 2 letters" in _told(told)["register-says-less"]
    assert told.json["written"] == 4
    assert merge("status", folder, "--json").json["stages"]["posted"] == 2


def test_an_older_memory_put_back_learns_again_from_the_register(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path / "c")
    memory = folder / "letters" / staff_actions.LEDGER
    shutil.copy2(memory, tmp_path / "memory")
    mark(folder, "Posted")
    merge("letters", folder)
    shutil.copy2(tmp_path / "memory", memory)
    _changed(folder)
    assert merge("letters", folder, "--json").json["written"] == 4
    _fill(folder / "register.xlsx", "Posted", dict.fromkeys(range(2, 8)))
    assert "for 2 letters" in _told(merge("letters", folder, "--json"))["register-says-less"]


@pytest.mark.slow
@pytest.mark.parametrize("step", everyday([9, 3]))
def test_what_the_register_says_is_remembered_though_the_run_is_stopped(
    tmp_path: Path, step: int
) -> None:
    folder = make_six_letters(tmp_path / "c")
    shutil.copy2(folder / "register.xlsx", tmp_path / "older.xlsx")
    mark(folder, "Posted")
    _changed(folder)
    before = {path: data for path, (data, _) in staff_actions.snapshot(folder).items()}
    ends = 0
    for moment in range(1, 40, step):
        again = Path(shutil.copytree(folder, tmp_path / str(moment)))
        ended = not staff_actions.run_until_killed(again, moment)
        changed = {p: data for p, (data, _) in staff_actions.snapshot(again).items()} != before
        if changed:
            shutil.copy2(tmp_path / "older.xlsx", again / "register.xlsx")
            states = staff_actions.states(again)
            assert (states[LI], states[ROY]) == ("on-paper", "on-paper"), moment
            ends += 1
        if ended:
            break
    assert ends > 1


@pytest.mark.slow
def test_a_date_that_is_saved_while_a_run_is_at_work_counts_at_the_next(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    _fill(folder / "register.xlsx", "Notes", {2: "a call"})

    def save(_step: Step) -> None:
        mark(folder, "Posted")

    write_letters(Plan(read_campaign(folder), LettersOrder(folder / "letters")), on_step=save)
    _changed(folder)
    states = staff_actions.states(folder)
    assert (states[LI], states[ROY]) == ("on-paper", "on-paper")


def test_a_person_who_is_taken_out_leaves_no_warning(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Posted")
    merge("letters", folder)
    make(folder, Signers=[["Name"], ["Bo Berg"], ["Chidi Obi"]])
    merge("letters", folder)
    shutil.rmtree(folder / "letters" / "Ana Ruiz")
    book = load_workbook(folder / "register.xlsx")
    book["Register"].delete_rows(2, 2)
    book["By signer"].delete_rows(2)
    book.save(folder / "register.xlsx")
    assert "register-says-less" not in _told(merge("letters", folder, "--json"))
    assert "register-says-less" not in _told(merge("status", folder, "--json"))
    assert staff_actions.in_ledger(folder, "DELETE FROM paper") == 0


def test_an_unwanted_letter_that_was_on_paper_by_its_pile_stays_so(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    _fill(folder / "register.xlsx", "Printed", {2: DAY}, "By signer")
    merge("letters", folder)
    make(folder, Signers=[["Name"], ["Bo Berg"], ["Chidi Obi"]])
    for _ in range(3):
        told = merge("letters", folder, "--json")
        assert "register-says-less" not in _told(told)
        assert "The letter is printed, so it is kept" in _told(told)["letter-unwanted"]


def test_a_piles_date_does_not_mean_a_letter_that_nobody_wanted_by_then(tmp_path: Path) -> None:
    """It was never printed; when its pair comes back, it is brought up to date and printed."""
    one = [["Name"], ["Minister Li"]]
    folder = make_six_letters(tmp_path)
    staff_actions.add_line(folder / "letters" / ROY, "We met.")
    make(folder, Recipients=one)
    merge("letters", folder)
    _fill(folder / "register.xlsx", "Printed", {2: DAY}, "By signer")
    told = _told(merge("letters", folder, "--json"))
    assert "The letter was edited, so it is kept" in told["letter-unwanted"]
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
    "register - Kopie.xlsx",
    "Register (нова копія).xlsx",
]


@pytest.mark.parametrize("name", everyday(COPIES))
def test_a_conflict_copy_with_a_colleagues_dates_is_told_at_every_run(
    tmp_path: Path, name: str
) -> None:
    folder = make_six_letters(tmp_path)
    shutil.copy2(folder / "register.xlsx", folder / name)
    _fill(folder / name, "Posted", {2: DAY, 3: "by hand"})
    _fill(folder / name, "Signed", {3: DAY}, "By signer")
    for words in (("letters",), ("letters",), ("check",), ("status",), ("print", "--dry-run")):
        told = _told(merge(words[0], folder, "--json", *words[1:]))["register-says-more"]
        assert told == (
            f"{name}: This file has dates for 4 letters that register.xlsx does not have: Ana"
            " Ruiz/Consul Roy.docx (Posted), Ana Ruiz/Minister Li.docx (Posted), Bo Berg/Consul"
            " Roy.docx (Signed), Bo Berg/Minister Li.docx (Signed). They count until this is"
            " resolved. Enter them in register.xlsx, then move this file to another folder."
        )
    _fill(folder / "register.xlsx", "Posted", {2: DAY, 3: DAY})
    _fill(folder / "register.xlsx", "Signed", {3: DAY}, "By signer")
    assert (
        f"Another one is next to it: {name}."
        in _told(merge("letters", folder, "--json"))["register-others"]
    )


def test_older_registers_are_one_calm_line_and_backups_of_the_programs_none(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mine = ("register (until 25 Nov 2026).xlsx", "register (until 1 Dec 2026)-2.xlsx")
    for name in ("register old.xlsx", "register backup 3 May.xlsx", *mine):
        shutil.copy2(folder / "register.xlsx", folder / name)
    mark(folder, "Posted")
    told = _told(merge("letters", folder, "--json"))
    assert list(told) == ["register-others", "column-unused"]
    assert told["register-others"] == (
        "register.xlsx: This register is used. 2 others are next to it: register backup 3"
        " May.xlsx, register old.xlsx. Move them to another folder."
    )


def test_a_register_that_got_another_name_is_found(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    (folder / "register.xlsx").rename(folder / "register (1).xlsx")
    told = merge("status", folder).err
    assert "is now missing. If it is called register (1).xlsx now, rename it." in told


def test_files_that_are_no_register_are_not_told(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    shutil.copy2(folder / "signers.xlsx", folder / "register of voters.xlsx")
    (folder / "register notes.xlsx").write_bytes(b"no workbook")
    (folder / "register.docx").write_bytes(b"")
    (folder / "registers.xlsx").mkdir()
    assert list(_told(merge("letters", folder, "--json"))) == ["column-unused"]


def test_a_last_years_register_of_other_people_says_nothing_of_these(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path / "c")
    other = make(tmp_path / "other", Signers=[["Name"], ["Zoe Zed"]])
    merge("letters", other)
    mark(other, "Posted", "Zoe Zed")
    shutil.copy2(other / "register.xlsx", folder / "register 2025.xlsx")
    assert list(_told(merge("letters", folder, "--json"))) == ["register-others", "column-unused"]


def test_of_many_copies_only_the_newest_are_read(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    for number in range(12):
        shutil.copy2(folder / "register.xlsx", folder / f"register ({number}).xlsx")
    told = _told(merge("letters", folder, "--json"))["register-others"]
    assert "12 others are next to it" in told
    assert "and 7 more" in told


@pytest.mark.parametrize("name", [(), (".",), ("../c",), ("../link/c",)])
def test_every_register_is_read_once_whatever_the_folder_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: tuple[str, ...]
) -> None:
    folder = make_six_letters(tmp_path / "real" / "c")
    (tmp_path / "real" / "link").symlink_to(tmp_path / "real")
    for number in range(8):
        copy = folder / f"register ({number}).xlsx"
        shutil.copy2(folder / "register.xlsx", copy)
        os.utime(copy, (1_000_000_000 + number,) * 2)
    _fill(folder / "register (0).xlsx", "Posted", {2: DAY})
    os.utime(folder / "register (0).xlsx", (1, 1))
    monkeypatch.chdir(folder)
    ran = merge("status", *name, "--json")
    assert ran.json["stages"]["posted"] == 1
    alike = ", ".join(f"register ({number}).xlsx" for number in range(1, 6))
    assert f"7 others are next to it: {alike} and 2 more." in _told(ran)["register-others"]


def test_check_tells_that_the_register_cannot_be_read(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    (folder / "register.xlsx").write_bytes(b"no workbook at all")
    ran = merge("check", folder, "--json")
    assert (ran.code, ran.json["ready"]) == (1, 0)
    assert "register-unreadable" in _told(ran)


def _column(folder: Path, heading: str) -> list[object]:
    """What stands in a column of the sheet Register."""
    sheet = load_workbook(folder / "register.xlsx")["Register"]
    number = next(c.column for c in sheet[1] if c.value == heading)
    return [row[number - 1].value for row in sheet.iter_rows(min_row=2)]


def _counted(folder: Path) -> dict[str, int]:
    """How many rows a filter on the column Counts as shows, by stage."""
    cells = [str(value or "") for value in _column(folder, "Counts as")]
    stages = ("Printed", "Signed", "Posted", "Answered")
    return {stage.lower(): sum(stage in cell.split(", ") for cell in cells) for stage in stages}


def _with_piles(folder: Path) -> Path:
    """Dates in all three sheets, and a letter that nobody wants any more."""
    make_six_letters(folder)
    register = folder / "register.xlsx"
    _fill(register, "Printed", {2: DAY}, "By signer")
    _fill(register, "Signed", {3: DAY}, "By recipient")
    _fill(register, "Posted", {2: DAY, 5: "by hand"})
    make(folder, Signers=[["Name"], ["Ana Ruiz"], ["Bo Berg"]])
    merge("letters", folder)
    return folder


@pytest.mark.slow
def test_the_sheet_register_counts_as_status_does(tmp_path: Path) -> None:
    folder = _with_piles(tmp_path)
    told = merge("status", folder, "--json").json["stages"]
    assert _counted(folder) == told == {"printed": 2, "signed": 2, "posted": 2, "answered": 0}
    assert _column(folder, "Counts as")[:2] == ["Printed, Posted", "Printed, Signed"]
    register = folder / "register.xlsx"
    before = register.read_bytes()
    merge("letters", folder)
    assert register.read_bytes() == before
    _fill(register, "Posted", {2: None})
    merge("letters", folder)
    assert _counted(folder) == merge("status", folder, "--json").json["stages"]
    assert _column(folder, "Counts as")[0] == "Printed, Posted"
    merge("letters", folder, "--trust-register")
    assert _column(folder, "Counts as")[0] == "Printed"


@pytest.mark.libreoffice
@pytest.mark.slow
@needs_calc
def test_a_register_saved_by_calc_counts_and_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _with_piles(tmp_path)
    monkeypatch.setenv("PATH", PATH)
    saved_by_calc(folder / "register.xlsx")
    assert "register-says-less" not in _told(merge("letters", folder, "--json"))
    assert _counted(folder) == merge("status", folder, "--json").json["stages"]
    copy = folder / "register (1).xlsx"
    shutil.copy2(folder / "register.xlsx", copy)
    _fill(copy, "Answered", {2: DAY})
    assert "(Answered)" in _told(merge("letters", folder, "--json"))["register-says-more"]


def test_what_was_typed_into_counts_as_is_told_and_put_right(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    _fill(folder / "register.xlsx", "Counts as", {2: "Posted"})
    told = _told(merge("letters", folder, "--json"))["register-typed"]
    assert "Enter a date in Printed, Signed, Posted or Answered instead." in told
    assert _column(folder, "Counts as")[0] is None
    assert merge("status", folder, "--json").json["stages"]["posted"] == 0


def test_status_names_the_letters_on_paper_whose_data_changed(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Posted")
    _changed(folder)
    merge("letters", folder)
    ran = merge("status", folder)
    assert "Printed, data changed since: 2 letters." in ran.out
    assert f"  letters/{LI}\n" in ran.out
    told = merge("status", folder, "--json").json
    assert told["on_paper_changed"] == [f"letters/{LI}", f"letters/{ROY}"]


@pytest.mark.parametrize("name", everyday(["register (Konflikt).xlsx", "Kopia register.xlsx"]))
def test_what_only_a_conflict_copy_says_is_on_paper_is_not_written_over(
    tmp_path: Path, name: str
) -> None:
    folder = make_six_letters(tmp_path)
    shutil.copy(folder / "register.xlsx", folder / name)
    _fill(folder / name, "Posted", {2: DAY, 3: DAY})
    _changed(folder)
    before = (folder / "letters" / LI).read_bytes()
    ran = merge("letters", folder)
    assert name in ran.err
    assert (folder / "letters" / LI).read_bytes() == before
    (folder / name).unlink()
    merge("letters", folder)
    assert (folder / "letters" / LI).read_bytes() != before


def test_what_was_typed_into_other_columns_of_the_program_is_told_with_what_to_do(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    for heading in ("Signer", "File", "Made on", "Batch"):
        _fill(folder / "register.xlsx", heading, {2: "mine"})
    problems = merge("letters", folder, "--json").json["problems"]
    typed = {p["message"]: p["hint"] for p in problems if p["code"] == "register-typed"}
    what = "“mine” was in the “{}” column, which the program fills in."
    assert typed == {
        what.format("Signer"): "Change signers.xlsx, Signers!A2 instead.",
        what.format("File"): "Move or rename the file itself; it will be found.",
        what.format("Made on"): "Set “Date” in the Settings sheet instead.",
        what.format("Batch"): "Use a column of your own.",
    }
