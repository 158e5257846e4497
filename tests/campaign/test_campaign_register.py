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
from merge.state.ledger import ledger_to_read

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


def _restore_older_register(folder: Path) -> Path:
    """Post two letters, restore the register without dates, change a text."""
    make_six_letters(folder)
    older = folder.parent / "older.xlsx"
    shutil.copy2(folder / "register.xlsx", older)
    mark(folder, "Posted")
    merge("letters", folder)
    shutil.copy2(older, folder / "register.xlsx")
    return _change_template(folder)


def test_an_older_register_releases_no_letter_and_is_the_first_problem(tmp_path: Path) -> None:
    folder = _restore_older_register(tmp_path / "c")
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


@pytest.mark.slow
def test_every_command_reports_a_register_that_has_lost_dates(tmp_path: Path) -> None:
    folder = _restore_older_register(tmp_path / "c")
    merge("letters", folder)
    texts = {
        command: _problem_texts(merge(command, folder, "--json"))
        for command in ("letters", "check", "status")
    }
    texts["print"] = _problem_texts(run_print(folder, "--dry-run"))
    assert len({text["register-says-less"] for text in texts.values()}) == 1
    status = merge("status", folder, "--json").json
    assert status["stages"]["posted"] == 2
    assert run_print(folder, "--dry-run").json["letters"] == 4
    assert run_print(folder, "--unsigned", "--dry-run").json["letters"] == 4


def test_a_register_that_has_lost_dates_is_fixed_by_the_right_register(tmp_path: Path) -> None:
    folder = _restore_older_register(tmp_path / "c")
    right_register = tmp_path / "right.xlsx"
    merge("letters", folder)
    shutil.copy2(folder / "register.xlsx", right_register)
    mark(folder, "Posted")
    assert "register-says-less" not in _problem_texts(merge("letters", folder, "--json"))
    shutil.copy2(right_register, folder / "register.xlsx")
    assert "register-says-less" in _problem_texts(merge("letters", folder, "--json"))


def test_trusting_a_register_that_has_lost_dates_releases_letters_into_old_versions(
    tmp_path: Path,
) -> None:
    folder = _restore_older_register(tmp_path / "c")
    before = {path: (folder / "letters" / path).read_bytes() for path in (LI, ROY)}
    preview = merge("letters", folder, "--json", "--dry-run", "--trust-register").json
    reasons = {s["path"]: (s["state"], s["reason"]) for s in preview["letters"]}
    why = "changed: the template; the printed file is set aside"
    assert reasons[f"letters/{LI}"] == ("rewritten", why)
    ran = merge("letters", folder, "--json", "--trust-register")
    assert "register-says-less" not in _problem_texts(ran)
    assert ran.json["written"] == 6
    old_versions = letters(folder / "letters" / "Old versions")
    assert sorted(path.read_bytes() for path in old_versions.values()) == sorted(before.values())
    assert "register-says-less" not in _problem_texts(merge("status", folder, "--json"))
    _change_template(folder, NEWER + "!")
    assert merge("letters", folder, "--json").json["written"] == 6
    assert len(letters(folder / "letters" / "Old versions")) == 2


def test_a_letter_released_by_the_register_is_kept_in_old_versions(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    merge("letters", folder)
    _fill_column(folder / "register.xlsx", "Printed", dict.fromkeys(range(2, 8)))
    assert merge("letters", folder, "--json", "--trust-register").json["written"] == 0
    assert merge("letters", folder, "--json").json["written"] == 0
    before = (folder / "letters" / LI).read_bytes()
    _change_template(folder)
    assert merge("letters", folder, "--json").json["written"] == 6
    old_versions = letters(folder / "letters" / "Old versions")
    assert before in [path.read_bytes() for path in old_versions.values()]
    assert len(old_versions) == 2


def test_trusting_the_register_releases_only_the_selected_letters(tmp_path: Path) -> None:
    folder = _restore_older_register(tmp_path / "c")
    options = ("--json", "--trust-register", "--for", "Ana Ruiz", "--for", "Consul Roy")
    ran = merge("letters", folder, *options)
    assert f"for 1 letter were removed: {LI} (Posted)" in _problem_texts(ran)["register-says-less"]
    assert ran.json["written"] == 1


def test_a_lost_date_in_the_register_is_reported_if_the_letter_is_still_printed(
    tmp_path: Path,
) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Printed")
    mark(folder, "Posted")
    merge("letters", folder)
    _fill_column(folder / "register.xlsx", "Posted", dict.fromkeys(range(2, 8)))
    assert (
        f"{LI} (Posted)" in _problem_texts(merge("status", folder, "--json"))["register-says-less"]
    )
    assert run_print(folder, "--unsigned", "--dry-run").json["letters"] == 4


def test_a_lost_date_of_a_pile_in_the_register_is_reported(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    _fill_column(folder / "register.xlsx", "Printed", {2: DAY}, "By signer")
    merge("letters", folder)
    _fill_column(folder / "register.xlsx", "Printed", {2: None}, "By signer")
    assert (
        "for 2 letters" in _problem_texts(merge("letters", folder, "--json"))["register-says-less"]
    )


def test_a_deleted_row_of_the_register_releases_no_letter(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Signed")
    merge("letters", folder)
    book = load_workbook(folder / "register.xlsx")
    book["Register"].delete_rows(2)
    book.save(folder / "register.xlsx")
    _change_template(folder)
    for _ in range(2):
        ran = merge("letters", folder, "--json")
        assert f"{LI} (Signed)" in _problem_texts(ran)["register-says-less"]
        assert "register-rows-gone" not in _problem_texts(ran)
        assert {s["path"]: s["state"] for s in ran.json["letters"]}[f"letters/{LI}"] == "on-paper"


def test_a_new_register_has_the_dates_of_printed_letters(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    mark(folder, "Posted")
    merge("letters", folder)
    (folder / "register.xlsx").unlink()
    _change_template(folder)
    ran = merge("letters", folder, "--json", "--new-register")
    assert "for 2 letters" in _problem_texts(ran)["register-says-less"]
    assert ran.json["written"] == 4
    assert merge("status", folder, "--json").json["stages"]["posted"] == 2


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
def test_deleted_register_rows_of_a_removed_person_are_not_reported(tmp_path: Path) -> None:
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
    assert "register-says-less" not in _problem_texts(merge("letters", folder, "--json"))
    assert "register-says-less" not in _problem_texts(merge("status", folder, "--json"))
    with ledger_to_read(folder / "letters") as ledger:
        assert ledger.register_stages() == {}


def test_a_date_of_a_pile_in_the_register_counts_for_an_orphan(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    _fill_column(folder / "register.xlsx", "Printed", {2: DAY}, "By signer")
    merge("letters", folder)
    make(folder, Signers=[["Name"], ["Bo Berg"], ["Chidi Obi"]])
    for _ in range(3):
        ran = merge("letters", folder, "--json")
        assert "register-says-less" not in _problem_texts(ran)
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
    "register - Kopie.xlsx",
    "Register (нова копія).xlsx",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", everyday(COPIES))
def test_a_conflict_copy_of_the_register_with_more_dates_is_always_reported(
    tmp_path: Path, name: str
) -> None:
    folder = make_six_letters(tmp_path)
    shutil.copy2(folder / "register.xlsx", folder / name)
    _fill_column(folder / name, "Posted", {2: DAY, 3: "by hand"})
    _fill_column(folder / name, "Signed", {3: DAY}, "By signer")
    start = "This file"
    if name in COPIES[:4]:
        start = "This is probably a conflict copy of register.xlsx, changed on another computer. It"
    for command in (("letters",), ("letters",), ("check",), ("status",), ("print", "--dry-run")):
        text = _problem_texts(merge(command[0], folder, "--json", *command[1:]))[
            "register-says-more"
        ]
        assert text == (
            f"{name}: {start} has dates for 4 letters that register.xlsx does not have: Ana"
            " Ruiz/Consul Roy.docx (Posted), Ana Ruiz/Minister Li.docx (Posted), Bo Berg/Consul"
            " Roy.docx (Signed), Bo Berg/Minister Li.docx (Signed). They count until this is"
            " resolved. Enter them in register.xlsx, with notes that only this file has. Then move"
            " it out of the campaign folder."
        )
    _fill_column(folder / "register.xlsx", "Posted", {2: DAY, 3: DAY})
    _fill_column(folder / "register.xlsx", "Signed", {3: DAY}, "By signer")
    assert (
        f"Another one is next to it: {name}."
        in _problem_texts(merge("letters", folder, "--json"))["register-others"]
    )


def test_older_copies_of_the_register_are_one_problem_and_backups_are_none(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    backups = ("register (until 25 Nov 2026).xlsx", "register (until 1 Dec 2026)-2.xlsx")
    for name in ("register old.xlsx", "register backup 3 May.xlsx", *backups):
        shutil.copy2(folder / "register.xlsx", folder / name)
    mark(folder, "Posted")
    texts = _problem_texts(merge("letters", folder, "--json"))
    assert list(texts) == ["register-others", "column-unused"]
    assert texts["register-others"] == (
        "register.xlsx: This register is used. 2 others are next to it: register backup 3"
        " May.xlsx, register old.xlsx. Copy notes that only they have, then move them out of the"
        " campaign folder."
    )


def test_a_missing_register_is_reported_with_its_new_name(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    (folder / "register.xlsx").rename(folder / "register (1).xlsx")
    errors = merge("status", folder).err
    assert "wait until the sync has finished. If it is called register (1).xlsx now," in errors


def test_files_with_names_similar_to_the_register_are_not_reported(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    shutil.copy2(folder / "signers.xlsx", folder / "register of voters.xlsx")
    (folder / "register notes.xlsx").write_bytes(b"no workbook")
    (folder / "register.docx").write_bytes(b"")
    (folder / "registers.xlsx").mkdir()
    assert list(_problem_texts(merge("letters", folder, "--json"))) == ["column-unused"]


def test_dates_in_a_register_of_other_people_do_not_count(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path / "c")
    other = make(tmp_path / "other", Signers=[["Name"], ["Zoe Zed"]])
    merge("letters", other)
    mark(other, "Posted", "Zoe Zed")
    shutil.copy2(other / "register.xlsx", folder / "register 2025.xlsx")
    assert list(_problem_texts(merge("letters", folder, "--json"))) == [
        "register-others",
        "column-unused",
    ]


def test_many_copies_of_the_register_are_reported_in_one_problem(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    for number in range(12):
        shutil.copy2(folder / "register.xlsx", folder / f"register ({number}).xlsx")
    text = _problem_texts(merge("letters", folder, "--json"))["register-others"]
    assert "12 others are next to it" in text
    assert "and 7 more" in text


@pytest.mark.posix("links need a permission on Windows")
@pytest.mark.parametrize("arguments", [(), (".",), ("../c",), ("../link/c",)])
def test_every_copy_of_the_register_is_read_once_whatever_the_folders_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    folder = make_six_letters(tmp_path / "real" / "c")
    (tmp_path / "real" / "link").symlink_to(tmp_path / "real")
    for number in range(8):
        copy = folder / f"register ({number}).xlsx"
        shutil.copy2(folder / "register.xlsx", copy)
        os.utime(copy, (1_000_000_000 + number,) * 2)
    _fill_column(folder / "register (0).xlsx", "Posted", {2: DAY})
    os.utime(folder / "register (0).xlsx", (1, 1))
    monkeypatch.chdir(folder)
    ran = merge("status", *arguments, "--json")
    assert ran.json["stages"]["posted"] == 1
    copies = ", ".join(f"register ({number}).xlsx" for number in range(1, 6))
    assert (
        f"7 others are next to it: {copies} and 2 more." in _problem_texts(ran)["register-others"]
    )


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
    """Return how many rows the Stages reached column has for each stage."""
    cells = [str(value or "") for value in _column(folder, "Stages reached")]
    stages = ("Printed", "Signed", "Posted", "Answered")
    return {stage.lower(): sum(stage in cell.split(", ") for cell in cells) for stage in stages}


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
def test_the_counts_as_column_of_the_register_agrees_with_status(tmp_path: Path) -> None:
    folder = _with_pile_dates(tmp_path)
    stages = merge("status", folder, "--json").json["stages"]
    assert (
        _stage_counts(folder) == stages == {"printed": 2, "signed": 2, "posted": 2, "answered": 0}
    )
    assert _column(folder, "Stages reached")[:2] == ["Printed, Posted", "Printed, Signed"]
    register = folder / "register.xlsx"
    before = register.read_bytes()
    merge("letters", folder)
    assert register.read_bytes() == before
    _fill_column(register, "Posted", {2: None})
    merge("letters", folder)
    assert _stage_counts(folder) == merge("status", folder, "--json").json["stages"]
    assert _column(folder, "Stages reached")[0] == "Printed, Posted"
    merge("letters", folder, "--trust-register")
    assert _column(folder, "Stages reached")[0] == "Printed"


@pytest.mark.libreoffice
@pytest.mark.slow
@needs_calc
def test_a_register_saved_by_libreoffice_calc_keeps_its_dates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _with_pile_dates(tmp_path)
    monkeypatch.setenv("PATH", PATH)
    saved_by_calc(folder / "register.xlsx")
    assert "register-says-less" not in _problem_texts(merge("letters", folder, "--json"))
    assert _stage_counts(folder) == merge("status", folder, "--json").json["stages"]
    copy = folder / "register (1).xlsx"
    shutil.copy2(folder / "register.xlsx", copy)
    _fill_column(copy, "Answered", {2: DAY})
    assert "(Answered)" in _problem_texts(merge("letters", folder, "--json"))["register-says-more"]


def test_text_typed_into_the_counts_as_column_is_reported_and_removed(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    _fill_column(folder / "register.xlsx", "Stages reached", {2: "Posted"})
    text = _problem_texts(merge("letters", folder, "--json"))["register-typed"]
    assert "Enter a date in Printed, Signed, Posted or Answered instead." in text
    assert _column(folder, "Stages reached")[0] is None
    assert merge("status", folder, "--json").json["stages"]["posted"] == 0


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


@pytest.mark.parametrize("name", everyday(["register (Konflikt).xlsx", "Kopia register.xlsx"]))
def test_a_letter_printed_only_in_a_conflict_copy_of_the_register_is_kept(
    tmp_path: Path, name: str
) -> None:
    folder = make_six_letters(tmp_path)
    shutil.copy(folder / "register.xlsx", folder / name)
    _fill_column(folder / name, "Posted", {2: DAY, 3: DAY})
    _change_template(folder)
    before = (folder / "letters" / LI).read_bytes()
    ran = merge("letters", folder)
    assert name in ran.err
    assert (folder / "letters" / LI).read_bytes() == before
    (folder / name).unlink()
    assert "register-says-less" in _problem_texts(merge("letters", folder, "--json"))
    assert (folder / "letters" / LI).read_bytes() == before
    merge("letters", folder, "--trust-register")
    assert (folder / "letters" / LI).read_bytes() != before


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


def test_the_new_register_option_creates_a_missing_register_again(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    (folder / "register.xlsx").unlink()
    assert merge("letters", folder).code == 1
    assert merge("letters", folder, "--new-register").code == 0
    assert (folder / "register.xlsx").exists()
    assert merge("letters", folder).code == 0


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
