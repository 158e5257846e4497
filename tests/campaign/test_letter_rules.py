"""Rules that decide what a run does with each letter, from facts about it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, get_args

import pytest

from merge.campaign.letter_rules import LetterFacts, LetterTally, choose_step
from merge.letter_inputs import DataChange
from merge.letter_status import FileContent, Letter, LetterState, LetterStep
from merge.people import Pair, Person
from merge.values import WorkbookValue

PATH = PurePosixPath("Ana/Li.docx")
UNEDITED: tuple[FileContent, ...] = ("made", "older")
NOT_REPLACEABLE: tuple[FileContent, ...] = ("resaved", "edited", "another", "stranger", "shut")


def _signer(name: str) -> Person:
    return Person("signer", f"name:{name}", 2, {"name": WorkbookValue(name)})


LETTER = Letter("0" * 16, Pair(_signer("Ana"), _signer("Li")), PATH)


def _step(content: FileContent, **facts: Any) -> LetterStep:  # noqa: ANN401 - fields of LetterFacts
    return choose_step(LetterFacts(LETTER, content)._replace(**facts))


@pytest.mark.parametrize(
    ("content", "changed", "state"),
    [
        ("", (), "new"),
        ("", ("the date",), "new"),
        ("made", (), "unchanged"),
        ("made", ("recipient.title",), "rewritten"),
        ("older", (), "rewritten"),
        ("resaved", (), "resaved"),
        ("resaved", ("the template",), "resaved"),
        ("edited", (), "edited"),
        ("edited", ("the template",), "edited-changed"),
        ("another", (), "foreign"),
        ("stranger", (), "foreign"),
        ("shut", (), "in-use"),
    ],
)
def test_letter_rules_derive_the_state_from_the_file_at_the_letters_path(
    content: FileContent, changed: tuple[str, ...], state: LetterState
) -> None:
    assert _step(content, changes=tuple(map(DataChange, changed))).state == state


@pytest.mark.parametrize(
    ("content", "changed", "is_recreated", "is_requested", "state"),
    [
        ("made", (), False, False, "unchanged"),
        ("made", ("the date",), False, False, "in-print-file"),
        ("made", ("the date",), False, True, "rewritten"),
        ("made", (), True, False, "in-print-file"),
        ("older", (), True, False, "in-print-file"),
        ("made", (), True, True, "rewritten"),
        ("edited", ("the date",), False, False, "edited-changed"),
    ],
)
def test_letter_rules_keep_a_letter_in_a_print_file_until_it_is_requested(
    content: FileContent,
    changed: tuple[str, ...],
    *,
    is_recreated: bool,
    is_requested: bool,
    state: LetterState,
) -> None:
    step = _step(
        content,
        print_file="02, 26 Nov 2026, 14.05",
        changes=tuple(map(DataChange, changed)),
        is_recreated=is_recreated,
        is_requested=is_requested,
    )
    assert step.state == state


@pytest.mark.parametrize(
    ("content", "changed", "is_requested", "state"),
    [
        ("made", (), False, "moved"),
        ("made", ("the date",), False, "rewritten"),
        ("edited", ("the date",), False, "moved"),
        ("edited", (), True, "rewritten"),
    ],
)
def test_letter_rules_report_a_moved_letter_or_update_it(
    content: FileContent, changed: tuple[str, ...], *, is_requested: bool, state: LetterState
) -> None:
    assert (
        _step(
            content,
            changes=tuple(map(DataChange, changed)),
            is_requested=is_requested,
            is_moved=True,
        ).state
        == state
    )


def test_letter_rules_name_all_copies_of_a_printed_letter() -> None:
    step = _step("", other_paths=("a.docx", "b.docx"), is_printed=True)
    assert step.reason == "printed; several copies of this letter, none was changed: a.docx, b.docx"


@pytest.mark.parametrize("content", ["resaved", "edited"])
def test_letter_rules_name_the_data_that_changed_since_a_letter_was_edited(
    content: FileContent,
) -> None:
    step = _step(content, changes=(DataChange("recipient.title"), DataChange("the date")))
    assert step.reason.endswith("; changed since: recipient.title, the date")


def test_letter_rules_name_the_data_for_which_a_letter_is_updated() -> None:
    assert _step("made", changes=(DataChange("signer.city"),)).reason == "changed: signer.city"


def test_letter_rules_keep_a_moved_letter_at_its_new_path() -> None:
    step = _step("", other_paths=("Done/Li.docx",))
    assert (step.state, step.letter.path) == ("moved", PurePosixPath("Done/Li.docx"))


def test_letter_rules_choose_none_of_several_moved_copies_and_name_all() -> None:
    step = _step("", other_paths=("Done/Li.docx", "Li (2).docx"))
    assert (step.state, step.letter.path) == ("moved", PATH)
    assert "Done/Li.docx, Li (2).docx" in step.reason


def test_letter_rules_give_a_letter_the_same_state_if_it_has_a_duplicate() -> None:
    assert _step("made", other_paths=("Copy.docx",)).state == "unchanged"
    assert _step("edited", other_paths=("Copy.docx",)).state == "edited"


def test_letter_rules_move_only_unedited_letters_if_a_name_was_corrected() -> None:
    new = PurePosixPath("Anna/Li.docx")
    for content in UNEDITED:
        step = _step(content, new_path=new)
        assert (step.state, step.letter.path) == ("rewritten", new)
    for content in NOT_REPLACEABLE:
        assert _step(content, new_path=new).letter.path == PATH


@pytest.mark.parametrize("content", get_args(FileContent))
def test_letter_rules_block_a_letter_with_an_error_whatever_its_file_is(
    content: FileContent,
) -> None:
    step = _step(content, error="the title is blank.", is_open=True, is_requested=True)
    assert (step.state, step.reason) == ("faulty", "the title is blank.")


@pytest.mark.parametrize("content", get_args(FileContent))
def test_letter_rules_keep_a_printed_letter_with_an_error(content: FileContent) -> None:
    step = _step(content, error="the title is blank.", is_printed=True)
    assert step.state == "on-paper"
    assert "the title is blank." in step.reason


@pytest.mark.parametrize("content", get_args(FileContent))
def test_letter_rules_never_change_or_move_a_printed_letter(content: FileContent) -> None:
    new = PurePosixPath("Anna/Li.docx")
    step = _step(
        content, is_printed=True, changes=(DataChange("the date"),), is_requested=True, new_path=new
    )
    assert (step.state, step.letter.path) == ("on-paper", PATH)
    assert "changed since: the date" in step.reason


def test_letter_rules_report_the_new_path_of_a_printed_letter_or_its_absence() -> None:
    moved = _step("", is_printed=True, other_paths=("Done/Li.docx",))
    assert (moved.letter.path, moved.reason) == (PurePosixPath("Done/Li.docx"), "printed")
    assert _step("", is_printed=True).reason == "printed; its file is missing"


@pytest.mark.parametrize("content", get_args(FileContent))
def test_letter_rules_never_change_or_move_an_open_letter(content: FileContent) -> None:
    new = PurePosixPath("Anna/Li.docx")
    step = _step(
        content, is_open=True, changes=(DataChange("the date"),), is_requested=True, new_path=new
    )
    assert (step.state, step.letter.path) == ("in-use", PATH)


@pytest.mark.parametrize("content", get_args(FileContent))
def test_letter_rules_replace_only_edited_resaved_or_damaged_letters_on_request(
    content: FileContent,
) -> None:
    step = _step(content, is_requested=True)
    assert step.has_reason("asked-again") == (content in {"edited", "resaved", "damaged"})


@pytest.mark.parametrize("content", NOT_REPLACEABLE)
def test_letter_rules_never_replace_an_edited_or_unknown_file_without_a_request(
    content: FileContent,
) -> None:
    tally = LetterTally()
    tally.count(_step(content, changes=(DataChange("the date"),), other_paths=("Copy.docx",)))
    assert (tally.kept_letters, tally.planned) == (1, 1)


def test_the_tally_of_the_letter_rules_counts_every_state_once() -> None:
    tally = LetterTally()
    for state in get_args(LetterState):
        tally.count(LetterStep(LETTER, state))
    assert (tally.written_letters, tally.unchanged_letters, tally.skipped_letters) == (
        2,
        1,
        1,
    )
    assert tally.planned == len(get_args(LetterState)) == 4 + tally.kept_letters
