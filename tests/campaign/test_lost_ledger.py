"""A lost ledger: letters are kept, and recognised from files and register."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support import staff_actions, workbooks
from support.campaigns import letters, make, make_with_letters, merge, record_lines, text
from support.everyday import everyday
from support.office_programs import needs_calc, saved_by_calc
from support.printed_campaigns import mark
from support.staff_actions import lose_ledger, zones

from merge.product import RECORDS_FOLDER

LI, ROY = "Ana Ruiz/Minister Li.docx", "Ana Ruiz/Consul Roy.docx"
DATED = '{{ date|date("yyyy-MM-dd") }}\nDear {{ recipient.name }}\n{{ signer.name }}'
NEWER = "Hello {{ recipient.name }}\n{{ signer.name }}"


def test_unedited_letters_are_recognised_after_the_ledger_is_lost(tmp_path: Path) -> None:
    make_with_letters(tmp_path)
    before = staff_actions.snapshot(tmp_path)
    lose_ledger(tmp_path)
    assert set(staff_actions.states(tmp_path).values()) == {"unchanged"}
    assert staff_actions.snapshot(tmp_path) == before
    staff_actions.assert_up_to_date(tmp_path)
    make(tmp_path, NEWER)
    assert set(staff_actions.states(tmp_path).values()) == {"rewritten"}
    staff_actions.assert_up_to_date(tmp_path)


def test_a_lost_ledger_is_reported_once(tmp_path: Path) -> None:
    make_with_letters(tmp_path)
    lose_ledger(tmp_path)
    assert "ledger-lost" in staff_actions.run_problems(tmp_path, "--dry-run")
    assert (
        "The program’s records of these letters are lost"
        in staff_actions.run_problems(tmp_path)["ledger-lost"]
    )
    assert "ledger-lost" not in staff_actions.run_problems(tmp_path)


@pytest.mark.parametrize("is_read_first", [False, True])
def test_records_of_which_the_folder_is_deleted_are_written_again_from_the_mirror(
    tmp_path: Path,
    is_read_first: bool,  # noqa: FBT001
) -> None:
    make_with_letters(tmp_path)
    merge("print", tmp_path, "--no-covers")
    mark(tmp_path, "Posted", "Ana Ruiz")
    staff_actions.run_letters(tmp_path)
    shutil.rmtree(tmp_path / RECORDS_FOLDER)
    make(tmp_path, NEWER)
    if is_read_first:
        merge("status", tmp_path)
    for _ in "12":  # at the first look, the records may be arriving
        assert "ledger-lost" not in staff_actions.run_problems(tmp_path)
    states = staff_actions.states(tmp_path)
    assert {path: states[path] for path in (LI, "Bo Berg/Consul Roy.docx")} == {
        LI: "on-paper",
        "Bo Berg/Consul Roy.docx": "in-print-file",
    }
    assert record_lines(tmp_path)
    staff_actions.assert_up_to_date(tmp_path)


@pytest.mark.slow
def test_nothing_is_printed_while_the_records_of_print_files_are_lost(tmp_path: Path) -> None:
    make_with_letters(tmp_path)
    assert merge("print", tmp_path, "--no-covers").code == 0
    lose_ledger(tmp_path)
    assert "which letters are in print files" in staff_actions.run_problems(tmp_path)["ledger-lost"]
    for _ in "12":
        ran = merge("print", tmp_path, "--no-covers")
        assert "no record of them. Letters in them may be printed already." in ran.err
        assert (ran.code, ran.out.count("created:")) == (1, 0)
    assert merge("print", tmp_path, "--no-letters", "--labels", "L7160").code == 0
    mark(tmp_path, "Printed", "Ana Ruiz")
    (tmp_path / "print").rename(tmp_path.with_name("printed"))
    assert "2 letters to print" in merge("print", tmp_path, "--no-covers").out
    assert "no record" not in merge("print", tmp_path, "--no-covers").err


def test_a_folder_without_records_letters_and_register_starts_afresh(tmp_path: Path) -> None:
    make_with_letters(tmp_path)
    merge("print", tmp_path, "--no-covers")
    for name in ("letters", "print", RECORDS_FOLDER):
        shutil.rmtree(tmp_path / name)
    (tmp_path / "register.xlsx").unlink()
    assert set(staff_actions.states(tmp_path).values()) == {"new"}
    assert merge("print", tmp_path, "--no-covers").code == 0


def test_a_campaign_without_letters_has_not_lost_its_ledger(tmp_path: Path) -> None:
    assert "ledger-lost" not in staff_actions.run_problems(make(tmp_path))


@pytest.mark.slow
def test_letters_that_differ_count_as_edited_after_the_ledger_is_lost(tmp_path: Path) -> None:
    """An older version looks like an edited letter if there is no ledger."""
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    edited = staff_actions.add_line(folder / "letters" / ROY, "We met.")
    staff_actions.save_again(folder / "letters" / "Bo Berg" / "Consul Roy.docx")
    before = staff_actions.snapshot(folder)
    lose_ledger(folder)
    assert staff_actions.states(folder) == {
        LI: "unchanged",
        ROY: "edited",
        "Bo Berg/Minister Li.docx": "unchanged",
        "Bo Berg/Consul Roy.docx": "resaved",
    }
    lose_ledger(folder)
    make(folder, NEWER)
    assert set(staff_actions.states(folder).values()) == {"edited"}
    assert staff_actions.snapshot(folder) == before
    staff_actions.assert_up_to_date(folder)
    make(folder, NEWER + "!")
    assert set(staff_actions.states(folder).values()) == {"edited-changed"}
    staff_actions.run_letters(folder, "--replace", "Ana Ruiz", "--yes")
    assert text(folder / "letters" / LI) == ["Hello Minister Li", "Ana Ruiz!"]
    assert edited in [p.read_bytes() for p in (folder / "letters" / "Old versions").rglob("*.docx")]
    staff_actions.assert_up_to_date(folder)


@zones
def test_dates_of_letters_are_read_from_their_files_after_the_ledger_is_lost(
    tmp_path: Path,
) -> None:
    folder = make(tmp_path, DATED)
    with staff_actions.day(0) as first:
        staff_actions.run_letters(folder)
        before = staff_actions.snapshot(folder)
    lose_ledger(folder)
    with staff_actions.day(1):
        assert set(staff_actions.states(folder).values()) == {"unchanged"}
        assert staff_actions.snapshot(folder) == before
        make(folder, DATED + "!")
        assert set(staff_actions.states(folder).values()) == {"rewritten"}
        assert text(folder / "letters" / LI)[0] == str(first)
        staff_actions.assert_up_to_date(folder)


def test_moved_letters_are_found_after_the_ledger_is_lost(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    (folder / "letters" / LI).rename(folder / "letters" / "Li, final.docx")
    before = staff_actions.snapshot(folder)
    lose_ledger(folder)
    assert staff_actions.states(folder)["Li, final.docx"] in {"unchanged", "moved"}
    assert staff_actions.snapshot(folder) == before
    staff_actions.assert_up_to_date(folder)


def test_a_letter_moved_over_another_is_kept_after_the_ledger_is_lost(tmp_path: Path) -> None:
    folder = make(tmp_path)
    staff_actions.run_letters(folder)
    (folder / "letters" / LI).replace(folder / "letters" / ROY)
    lose_ledger(folder)
    before = staff_actions.snapshot(folder)
    states = staff_actions.states(folder)
    assert {path: staff_actions.snapshot(folder)[path] for path in before} == before
    assert len(states) == 4
    staff_actions.assert_up_to_date(folder)


def test_letters_no_longer_needed_are_not_moved_after_the_ledger_is_lost(tmp_path: Path) -> None:
    make_with_letters(tmp_path)
    lose_ledger(tmp_path)
    make(tmp_path, Signers=[["Name"], ["Bo Berg"]])
    before = staff_actions.snapshot(tmp_path)
    problems = staff_actions.run_problems(tmp_path, "--people-left")
    assert "the program has no record of it" in problems["letter-unwanted"]
    assert staff_actions.snapshot(tmp_path) == before
    staff_actions.assert_up_to_date(tmp_path)


def _people(*rows: tuple[str, ...]) -> workbooks.Rows:
    return [["Name", "Town", "ID"], *(list(row) for row in rows)]


TOM, BO, EVA = ("Tom Bailey", "Leeds"), ("Bo Berg", "Oslo"), ("Eva Sand", "Pune")


def _run_with_posted_letters(folder: Path, *runs: list[tuple[str, ...]]) -> dict[str, str]:
    """Run with each list of signers; return the last run's letter IDs by path.

    Tom's letters are posted after the first run.
    """
    for number, rows in enumerate(runs):
        make(folder, Signers=_people(*rows))
        run = staff_actions.run_letters(folder)
        if "name-changed" in {problem["code"] for problem in run["problems"]}:
            run = staff_actions.run_letters(folder, "--same-person", rows[0][0])
        steps = run["letters"]
        if number == 0:
            mark(folder, "Posted", "Tom Bailey")
    return {step["path"]: step["id"] for step in steps}


@pytest.mark.parametrize(
    "runs",
    everyday(
        [
            [[TOM, BO]],
            [[TOM, BO], [(*TOM, "T1"), BO]],
            [[TOM, BO], [(*TOM, "T1"), BO, ("Tom Bailey", "York", "T2")]],
            [[TOM, BO], [("Thomas Bailey", "Leeds"), BO]],
            [[TOM, BO], [("Thomas Bailey", "Leeds"), BO], [("Thomas Bailey", "York", "T1"), BO]],
            [[(*TOM, "T1"), BO], [("Thomas Bailey", "York", "T1"), BO]],
            [[TOM, BO, EVA], [(*TOM, "T1"), BO]],
        ]
    ),
    ids=[
        "plain",
        "ID later",
        "namesake later",
        "corrected",
        "both",
        "corrected under an ID",
        "left",
    ],
)
def test_people_keep_their_letters_by_the_register_after_the_ledger_is_lost(
    tmp_path: Path, runs: list[list[tuple[str, ...]]]
) -> None:
    _check_letters_without_ledger(tmp_path, _run_with_posted_letters(tmp_path, *runs))


@pytest.mark.libreoffice
@pytest.mark.slow
@needs_calc
def test_people_keep_their_letters_by_a_register_from_calc_after_the_ledger_is_lost(
    tmp_path: Path,
) -> None:
    before = _run_with_posted_letters(tmp_path, [TOM, BO], [(*TOM, "T1"), BO])
    saved_by_calc(tmp_path / "register.xlsx")
    _check_letters_without_ledger(tmp_path, before)


def _check_letters_without_ledger(tmp_path: Path, before: dict[str, str]) -> None:
    files = set(letters(tmp_path))
    lose_ledger(tmp_path)
    assert merge("status", tmp_path, "--json").json["stages"]["posted"] == 2
    steps = staff_actions.run_letters(tmp_path)["letters"]
    assert {step["path"]: step["id"] for step in steps} == before
    assert set(letters(tmp_path)) == files
    assert merge("status", tmp_path, "--json").json["stages"]["posted"] == 2
    staff_actions.assert_up_to_date(tmp_path)


def _people_error(folder: Path, *options: str) -> str:
    """Return the error about people in the register; nothing is written."""
    before = staff_actions.snapshot(folder)
    result = merge("letters", folder, "--json", *options)
    assert (result.code, result.json["written"]) == (1, 0)
    assert staff_actions.snapshot(folder) == before
    (error,) = [p for p in result.json["problems"] if p["level"] == "error"]
    assert error["code"] == "register-people"
    return f"{error['message']} {error['hint']}"


@pytest.mark.slow
def test_a_name_corrected_while_the_ledger_is_lost_is_an_error(tmp_path: Path) -> None:
    before = _run_with_posted_letters(tmp_path, [TOM, BO])
    lose_ledger(tmp_path)
    make(tmp_path, Signers=_people(("Thomas Bayley", "Leeds"), BO))
    for _ in range(2):
        error = _people_error(tmp_path)
        assert "1 person not in the workbook: Tom Bailey (2 letters, 2 printed)" in error
        assert "enter the old one, run “merge letters”, then correct it again" in error
    assert "Tom Bailey" in merge("check", tmp_path).out
    make(tmp_path, Signers=_people(TOM, BO))
    staff_actions.run_letters(tmp_path)
    make(tmp_path, Signers=_people(("Thomas Bayley", "Leeds"), BO))
    steps = staff_actions.run_letters(tmp_path, "--same-person", "Thomas Bayley")["letters"]
    after = {step["id"]: step["state"] for step in steps}
    assert set(after) == set(before.values())
    assert sorted(after.values()) == ["on-paper", "on-paper", "unchanged", "unchanged"]


@pytest.mark.slow
def test_people_removed_while_the_ledger_is_lost_are_an_error_until_confirmed(
    tmp_path: Path,
) -> None:
    _run_with_posted_letters(tmp_path, [TOM, BO, EVA])
    lose_ledger(tmp_path)
    make(tmp_path, Signers=_people(BO))
    assert "of 2 people not in the workbook" in _people_error(tmp_path)
    problems = staff_actions.run_problems(tmp_path, "--people-left")
    assert "so it is kept" in problems["letter-unwanted"]
    assert "register-people" not in staff_actions.run_problems(tmp_path)
    make(tmp_path, Signers=_people(TOM, BO))
    assert merge("status", tmp_path, "--json").json["stages"]["posted"] == 2


def test_people_removed_or_excluded_before_the_ledger_is_lost_are_not_an_error(
    tmp_path: Path,
) -> None:
    _run_with_posted_letters(tmp_path, [TOM, BO, EVA], [TOM, BO])
    rows = [["Name", "Town", "Include"], [*TOM, "no"], [*BO, None]]
    lose_ledger(tmp_path)
    make(tmp_path, Signers=rows)
    assert "register-people" not in staff_actions.run_problems(tmp_path)


def test_the_register_of_another_campaign_is_an_error_without_a_ledger(tmp_path: Path) -> None:
    other_campaign = make(tmp_path / "other", Signers=_people(EVA))
    staff_actions.run_letters(other_campaign)
    folder = make(tmp_path / "mine", Signers=_people(TOM, BO))
    shutil.copy2(other_campaign / "register.xlsx", folder / "register.xlsx")
    assert "If this is the wrong register, restore the right one" in _people_error(folder)
    (folder / "register.xlsx").unlink()
    assert staff_actions.run_letters(folder)["written"] == 4


def test_a_successor_with_the_same_id_is_an_error_after_the_ledger_is_lost(tmp_path: Path) -> None:
    _run_with_posted_letters(tmp_path, [(*TOM, "T1"), BO])
    lose_ledger(tmp_path)
    make(tmp_path, Signers=_people(("Jane Roe", "Leeds", "T1"), BO))
    result = merge("letters", tmp_path, "--json")
    assert [p["code"] for p in result.json["problems"] if p["level"] == "error"] == ["name-changed"]
