"""What is to be done with a letter, from what is known of it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, get_args

import pytest

from merge.campaign.letter_rules import LetterFacts, LetterTally, choose_step
from merge.letter_status import FileContent, Letter, LetterState, Step
from merge.people import Pair, Person
from merge.values import Value

PATH = PurePosixPath("Ana/Li.docx")
OURS: tuple[FileContent, ...] = ("made", "older")
THEIRS: tuple[FileContent, ...] = ("resaved", "edited", "another", "stranger", "shut")


def _somebody(name: str) -> Person:
    return Person("signer", f"name:{name}", 2, {"name": Value(name)})


LETTER = Letter("0" * 16, Pair(_somebody("Ana"), _somebody("Li")), PATH)


def _step(content: FileContent, **more: Any) -> Step:  # noqa: ANN401 - whatever Facts take
    return choose_step(LetterFacts(LETTER, content)._replace(**more))


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
def test_what_lies_at_the_known_place_decides(
    content: FileContent, changed: tuple[str, ...], state: LetterState
) -> None:
    assert _step(content, changed_data=changed).state == state


@pytest.mark.parametrize(
    ("content", "changed", "again", "state"),
    [
        ("made", (), False, "moved"),
        ("made", ("the date",), False, "rewritten"),
        ("edited", ("the date",), False, "moved"),
        ("edited", (), True, "rewritten"),
    ],
)
def test_a_letter_that_was_moved_is_told_once_and_brought_up_to_date(
    content: FileContent, changed: tuple[str, ...], *, again: bool, state: LetterState
) -> None:
    assert _step(content, changed_data=changed, is_requested=again, is_moved=True).state == state


def test_of_several_files_of_a_letter_on_paper_none_is_said_to_lie_at_its_place() -> None:
    step = _step("", other_paths=("a.docx", "b.docx"), is_printed=True)
    assert step.reason == "printed; several copies of this letter, none was changed: a.docx, b.docx"


@pytest.mark.parametrize("content", ["resaved", "edited"])
def test_what_changed_since_is_told_of_a_letter_that_is_kept(content: FileContent) -> None:
    step = _step(content, changed_data=("recipient.title", "the date"))
    assert step.reason.endswith("; changed since: recipient.title, the date")


def test_what_changed_is_told_of_a_letter_that_is_rewritten() -> None:
    assert _step("made", changed_data=("signer.city",)).reason == "changed: signer.city"


def test_a_letter_that_was_moved_is_kept_where_it_is() -> None:
    step = _step("", other_paths=("Done/Li.docx",))
    assert (step.state, step.letter.path) == ("moved", PurePosixPath("Done/Li.docx"))


def test_of_several_moved_files_none_is_chosen_and_all_are_named() -> None:
    step = _step("", other_paths=("Done/Li.docx", "Li (2).docx"))
    assert (step.state, step.letter.path) == ("moved", PATH)
    assert "Done/Li.docx, Li (2).docx" in step.reason


def test_a_second_file_makes_no_difference_to_the_first() -> None:
    assert _step("made", other_paths=("Copy.docx",)).state == "unchanged"
    assert _step("edited", other_paths=("Copy.docx",)).state == "edited"


def test_a_corrected_name_moves_only_what_is_ours() -> None:
    new = PurePosixPath("Anna/Li.docx")
    for content in OURS:
        step = _step(content, new_path=new)
        assert (step.state, step.letter.path) == ("rewritten", new)
    for content in THEIRS:
        assert _step(content, new_path=new).letter.path == PATH


@pytest.mark.parametrize("content", get_args(FileContent))
def test_an_error_leaves_a_letter_out_whatever_lies_there(content: FileContent) -> None:
    step = _step(content, error="the title is blank.", is_open=True, is_requested=True)
    assert (step.state, step.reason) == ("faulty", "the title is blank.")


@pytest.mark.parametrize("content", get_args(FileContent))
def test_a_letter_on_paper_stays_so_whatever_error_its_data_has(content: FileContent) -> None:
    step = _step(content, error="the title is blank.", is_printed=True)
    assert step.state == "on-paper"
    assert "the title is blank." in step.reason


@pytest.mark.parametrize("content", get_args(FileContent))
def test_nothing_touches_a_letter_on_paper(content: FileContent) -> None:
    new = PurePosixPath("Anna/Li.docx")
    step = _step(
        content, is_printed=True, changed_data=("the date",), is_requested=True, new_path=new
    )
    assert (step.state, step.letter.path) == ("on-paper", PATH)
    assert "changed since: the date" in step.reason


def test_a_letter_on_paper_is_told_where_it_is_and_when_it_is_gone() -> None:
    moved = _step("", is_printed=True, other_paths=("Done/Li.docx",))
    assert (moved.letter.path, moved.reason) == (PurePosixPath("Done/Li.docx"), "printed")
    assert _step("", is_printed=True).reason == "printed; its file is missing"


@pytest.mark.parametrize("content", get_args(FileContent))
def test_nothing_touches_a_letter_that_is_open(content: FileContent) -> None:
    new = PurePosixPath("Anna/Li.docx")
    step = _step(content, is_open=True, changed_data=("the date",), is_requested=True, new_path=new)
    assert (step.state, step.letter.path) == ("in-use", PATH)


@pytest.mark.parametrize("content", get_args(FileContent))
def test_again_replaces_what_was_edited_or_saved_again_and_nothing_else(
    content: FileContent,
) -> None:
    step = _step(content, is_requested=True)
    assert step.has_reason("asked-again") == (content in {"edited", "resaved", "damaged"})


@pytest.mark.parametrize("content", THEIRS)
def test_what_is_not_ours_is_never_written_unasked(content: FileContent) -> None:
    balance = LetterTally()
    balance.count(_step(content, changed_data=("the date",), other_paths=("Copy.docx",)))
    assert (balance.kept_letters, balance.planned) == (1, 1)


def test_the_balance_has_room_for_every_state_and_adds_up() -> None:
    balance = LetterTally()
    for state in get_args(LetterState):
        balance.count(Step(LETTER, state))
    assert (balance.written_letters, balance.unchanged_letters, balance.skipped_letters) == (
        2,
        1,
        1,
    )
    assert balance.planned == len(get_args(LetterState)) == 4 + balance.kept_letters
