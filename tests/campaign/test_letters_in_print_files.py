"""Letters in a print file are created again only after staff confirm.

They may be printed already, or posted by a colleague whose mark has not arrived.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import RunResult, make, merge, text
from support.printed_campaigns import (
    NEWER,
    PEOPLE,
    count_and_errors,
    make_six_letters,
    mark,
    no_libreoffice,
    run_print,
)

from merge.campaign.campaign import read_campaign
from merge.campaign.overview import inspect_campaign
from merge.campaign.pending_decisions import save_decisions

pytestmark = pytest.mark.usefixtures("no_libreoffice")
__all__ = ["no_libreoffice"]

NEWEST = "Dear {{ recipient.name }},\nwe write again.\n{{ signer.name }}"
ROY = "letters/Ana Ruiz/Consul Roy.docx"


def _printed_campaign(folder: Path) -> Path:
    """Six letters in print files, and a changed template."""
    make_six_letters(folder)
    run_print(folder)
    _set_template(folder, NEWER)
    return folder


def _set_template(folder: Path, template: str, *new_signers: str) -> None:
    make(folder, template, Signers=[["Name"], *([name] for name in (*PEOPLE, *new_signers))])


def _letters(folder: Path, *words: str) -> RunResult:
    return merge("letters", folder, "--json", *words)


def _states(folder: Path) -> dict[str, int]:
    states: dict[str, int] = merge("status", folder, "--json").json["states"]
    return states


def _warnings(problems: Sequence[dict[str, str]]) -> list[str]:
    return [p["where"] for p in problems if p["code"] == "in-print-file"]


def test_a_letter_in_a_print_file_stays_as_it_is_if_its_data_changes(tmp_path: Path) -> None:
    folder = _printed_campaign(tmp_path)
    before = (folder / ROY).read_bytes()
    ran = merge("letters", folder)
    assert ran.code == 0
    assert "6 letters: 0 created, 6 kept." in ran.out
    assert "kept: 6 letters, in print file 01, " in ran.err
    assert ran.err.count("mark its letters") == 1  # one question for all of them
    assert "merge mark printed" in ran.err
    assert "--replace print-file" in ran.err
    assert (folder / ROY).read_bytes() == before
    assert _states(folder) == {"in-print-file": 6}


def test_letters_in_a_print_file_block_neither_new_letters_nor_printing(tmp_path: Path) -> None:
    folder = _printed_campaign(tmp_path)
    _set_template(folder, NEWER, "Dara Mok")
    assert _letters(folder).json["written"] == 2
    for option in ("--since-last", "--unsigned"):
        printed = run_print(folder, option, "--dry-run").json
        assert printed["letters"] == 2
    printed = run_print(folder).json
    assert printed["letters"] == 2
    assert len(_warnings(printed["problems"])) == 6


def test_letters_in_a_print_file_are_created_again_with_one_option(tmp_path: Path) -> None:
    folder = _printed_campaign(tmp_path)
    ran = merge("letters", folder, "--replace", "print-file")
    assert ran.code == 0
    assert "6 updated" in ran.out
    assert "Dear Consul Roy," in text(folder / ROY)
    assert not (folder / "letters" / "Old versions").exists()
    assert count_and_errors(folder, "--since-last") == (6, [])


def test_letters_of_one_person_in_a_print_file_are_created_again_by_name(tmp_path: Path) -> None:
    folder = _printed_campaign(tmp_path)
    assert _letters(folder, "--replace", "Ana Ruiz").json["written"] == 2
    assert _states(folder) == {"unchanged": 2, "in-print-file": 4}


def test_a_print_file_counts_no_longer_for_a_letter_that_was_created_again(tmp_path: Path) -> None:
    folder = _printed_campaign(tmp_path)
    _letters(folder, "--replace", "print-file")
    _set_template(folder, NEWEST)
    assert _letters(folder).json["written"] == 6


@pytest.mark.slow
def test_a_letter_that_is_printed_again_is_asked_about_again(tmp_path: Path) -> None:
    folder = _printed_campaign(tmp_path)
    _letters(folder, "--replace", "print-file")
    run_print(folder, "--since-last")
    _set_template(folder, NEWEST)
    assert _letters(folder).json["written"] == 0
    assert _states(folder) == {"in-print-file": 6}


@pytest.mark.slow
def test_letters_in_a_print_file_that_are_marked_are_printed_letters(tmp_path: Path) -> None:
    folder = _printed_campaign(tmp_path)
    _letters(folder)
    assert len(merge("mark", "printed", folder, "--json").json["marked"]) == 6
    assert _states(folder) == {"on-paper": 6}
    assert _letters(folder, "--replace", "print-file").json["written"] == 0


@pytest.mark.slow
def test_a_kept_letter_in_a_print_file_is_not_printed_again(tmp_path: Path) -> None:
    folder = _printed_campaign(tmp_path)
    _letters(folder, "--keep", "print-file")
    assert _states(folder) == {"unchanged": 6}
    assert count_and_errors(folder, "--since-last") == (0, [])
    assert "6 letters in print files, not marked" in merge("status", folder).last
    _set_template(folder, NEWEST)
    _letters(folder)
    assert _states(folder) == {"in-print-file": 6}


def test_a_letter_in_a_print_file_can_be_printed_as_it_is(tmp_path: Path) -> None:
    folder = _printed_campaign(tmp_path)
    assert run_print(folder, "--accept", "Ana Ruiz").json["letters"] == 2


@pytest.mark.slow
def test_a_letter_in_a_print_file_whose_printing_was_undone_is_asked_about(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    run_print(folder)
    merge("mark", "printed", folder)
    merge("mark", "printed", folder, "--undo")
    _set_template(folder, NEWER)
    assert _letters(folder).json["written"] == 0


@pytest.mark.slow
def test_a_printed_letter_that_was_released_is_not_asked_about_again(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    run_print(folder)
    mark(folder, "Printed")
    _letters(folder)
    mark(folder, "Printed", day=None)
    _set_template(folder, NEWER)
    assert _letters(folder, "--release").json["written"] == 2
    assert _states(folder) == {"unchanged": 2, "in-print-file": 4}


def test_the_letters_of_a_print_file_are_pending_decisions_with_one_question(
    tmp_path: Path,
) -> None:
    folder = _printed_campaign(tmp_path)
    pending = inspect_campaign(read_campaign(folder)).pending_decisions
    decisions = [decision for decision in pending if decision.print_file]
    assert len(decisions) == 6
    assert len({decision.question_key for decision in decisions}) == 1
    assert {*decisions[0].choices} == {"new", "keep"}
    assert "not marked as printed, and its data has changed" in decisions[0].what
    decisions_to_keep = [decision.decide("keep") for decision in decisions]
    assert save_decisions(read_campaign(folder), decisions_to_keep) == []
    assert _states(folder) == {"unchanged": 6}


@pytest.mark.slow
def test_a_letter_in_a_print_file_that_is_renamed_and_changed_stays_where_it_is(
    tmp_path: Path,
) -> None:
    make(tmp_path, Signers=[["ID", "Name"], ["S1", "Bo Berg"]])
    merge("letters", tmp_path)
    run_print(tmp_path)
    make(tmp_path, Signers=[["ID", "Name"], ["S1", "Bo Bergh"]])
    before = {path.name for path in (tmp_path / "letters" / "Bo Berg").iterdir()}
    assert _letters(tmp_path, "--same-person", "S1").json["written"] == 0
    assert {path.name for path in (tmp_path / "letters" / "Bo Berg").iterdir()} == before
    assert _letters(tmp_path, "--replace", "print-file").json["written"] > 0
    assert not (tmp_path / "letters" / "Bo Berg").exists()


def _edited_letter_in_print_file(folder: Path) -> Path:
    """A letter that was edited and printed, whose template changed then."""
    make_six_letters(folder)
    staff_actions.add_line(folder / ROY, "We met.")
    run_print(folder)
    _set_template(folder, NEWER)
    return folder


@pytest.mark.slow
def test_an_edited_letter_in_a_print_file_is_not_printed_again_unasked(tmp_path: Path) -> None:
    folder = _edited_letter_in_print_file(tmp_path)
    ran = merge("letters", folder)
    assert "1 letter, edited; in print file 01, " in ran.err
    printed = run_print(folder)
    assert printed.code == 0
    (problem,) = (p for p in printed.json["problems"] if p["where"] == ROY)
    assert problem["code"] == "in-print-file"
    assert "Conflict: edited, in print file 01, " in problem["message"]
    assert "merge mark printed" in problem["hint"]
    assert '--accept "Ana Ruiz"' in problem["hint"]
    assert run_print(folder, "--accept", "Ana Ruiz").json["letters"] == 2


@pytest.mark.slow
def test_an_edited_letter_in_a_print_file_is_replaced_by_its_name_only(tmp_path: Path) -> None:
    folder = _edited_letter_in_print_file(tmp_path)
    assert _letters(folder, "--replace", "print-file").json["written"] == 5
    assert "We met." in text(folder / ROY)
    _letters(folder, "--replace", "Ana Ruiz", "--yes")
    assert "We met." not in text(folder / ROY)
    _set_template(folder, NEWEST)
    assert _letters(folder).json["written"] == 6


def test_an_edited_letter_in_a_print_file_is_a_pending_decision_that_names_it(
    tmp_path: Path,
) -> None:
    folder = _edited_letter_in_print_file(tmp_path)
    pending = inspect_campaign(read_campaign(folder)).pending_decisions
    (edited,) = (decision for decision in pending if decision.place.file == ROY)
    assert "was edited, is in print file 01, " in edited.what
    assert {*edited.choices} == {"keep", "new", "print"}


def _mark_printed(folder: Path) -> RunResult:
    return merge("mark", "printed", folder, "--json")


def _letters_named(ran: RunResult, code: str) -> str:
    return "".join(p["message"] for p in ran.json["problems"] if p["code"] == code)


@pytest.mark.slow
def test_marking_names_the_letters_that_changed_after_their_print_file(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    run_print(folder)
    staff_actions.add_line(folder / ROY, "We met.")
    ran = _mark_printed(folder)
    assert len(ran.json["marked"]) == 6
    assert _letters_named(ran, "mark-other-version").endswith(f"was printed: {ROY}.")
    assert _letters_named(ran, "mark-print-file-gone") == ""
    assert _letters_named(merge("mark", "signed", folder, "--json"), "mark-other-version") == ""


def test_marking_says_nothing_of_letters_that_are_as_in_their_print_file(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    staff_actions.add_line(folder / ROY, "We met.")
    run_print(folder)
    _set_template(folder, NEWER)
    assert _mark_printed(folder).json["problems"] == []


def test_marking_names_the_letters_whose_print_file_was_deleted(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    run_print(folder)
    shutil.rmtree(next((folder / "print").glob("20*")))
    _set_template(folder, NEWER)
    assert " (not in print/), not marked as printed; changed since" in merge("letters", folder).err
    ran = _mark_printed(folder)
    assert len(ran.json["marked"]) == 6
    assert "6 letters were marked, but their print file" in _letters_named(
        ran, "mark-print-file-gone"
    )


def test_a_letter_that_was_created_again_is_not_marked_with_its_old_print_file(
    tmp_path: Path,
) -> None:
    folder = _printed_campaign(tmp_path)
    _letters(folder, "--replace", "Ana Ruiz")
    ran = _mark_printed(folder)
    assert len(ran.json["marked"]) == 4
    assert "2 letters are not in a print file yet" in _letters_named(ran, "mark-too-early")
