"""What is to be done with a letter, from what is known of it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, get_args

import pytest

from merge.campaign.decisions import Balance, LetterFacts, decide
from merge.letter_status import Content, Letter, State, Step
from merge.people import Pair, Person
from merge.values import Value

PATH = PurePosixPath("Ana/Li.docx")
OURS: tuple[Content, ...] = ("made", "older")
THEIRS: tuple[Content, ...] = ("resaved", "edited", "another", "stranger", "shut")


def _somebody(name: str) -> Person:
    return Person("signer", f"name:{name}", 2, {"name": Value(name)})


LETTER = Letter("0" * 16, Pair(_somebody("Ana"), _somebody("Li")), PATH)


def _step(content: Content, **more: Any) -> Step:  # noqa: ANN401 - whatever Facts take
    return decide(LetterFacts(LETTER, content)._replace(**more))


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
    content: Content, changed: tuple[str, ...], state: State
) -> None:
    assert _step(content, changed=changed).state == state


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
    content: Content, changed: tuple[str, ...], *, again: bool, state: State
) -> None:
    assert _step(content, changed=changed, again=again, moved=True).state == state


def test_of_several_files_of_a_letter_on_paper_none_is_said_to_lie_at_its_place() -> None:
    step = _step("", elsewhere=("a.docx", "b.docx"), on_paper=True)
    assert step.reason == "printed; several copies of this letter, none was changed: a.docx, b.docx"


@pytest.mark.parametrize("content", ["resaved", "edited"])
def test_what_changed_since_is_told_of_a_letter_that_is_kept(content: Content) -> None:
    step = _step(content, changed=("recipient.title", "the date"))
    assert step.reason.endswith("; changed since: recipient.title, the date")


def test_what_changed_is_told_of_a_letter_that_is_rewritten() -> None:
    assert _step("made", changed=("signer.city",)).reason == "changed: signer.city"


def test_a_letter_that_was_moved_is_kept_where_it_is() -> None:
    step = _step("", elsewhere=("Done/Li.docx",))
    assert (step.state, step.letter.path) == ("moved", PurePosixPath("Done/Li.docx"))


def test_of_several_moved_files_none_is_chosen_and_all_are_named() -> None:
    step = _step("", elsewhere=("Done/Li.docx", "Li (2).docx"))
    assert (step.state, step.letter.path) == ("moved", PATH)
    assert "Done/Li.docx, Li (2).docx" in step.reason


def test_a_second_file_makes_no_difference_to_the_first() -> None:
    assert _step("made", elsewhere=("Copy.docx",)).state == "unchanged"
    assert _step("edited", elsewhere=("Copy.docx",)).state == "edited"


def test_a_corrected_name_moves_only_what_is_ours() -> None:
    new = PurePosixPath("Anna/Li.docx")
    for content in OURS:
        step = _step(content, new_name=new)
        assert (step.state, step.letter.path) == ("rewritten", new)
    for content in THEIRS:
        assert _step(content, new_name=new).letter.path == PATH


@pytest.mark.parametrize("content", get_args(Content))
def test_an_error_leaves_a_letter_out_whatever_lies_there(content: Content) -> None:
    step = _step(content, faulty="the title is blank.", is_open=True, again=True)
    assert (step.state, step.reason) == ("faulty", "the title is blank.")


@pytest.mark.parametrize("content", get_args(Content))
def test_a_letter_on_paper_stays_so_whatever_error_its_data_has(content: Content) -> None:
    step = _step(content, faulty="the title is blank.", on_paper=True)
    assert step.state == "on-paper"
    assert "the title is blank." in step.reason


@pytest.mark.parametrize("content", get_args(Content))
def test_nothing_touches_a_letter_on_paper(content: Content) -> None:
    new = PurePosixPath("Anna/Li.docx")
    step = _step(content, on_paper=True, changed=("the date",), again=True, new_name=new)
    assert (step.state, step.letter.path) == ("on-paper", PATH)
    assert "changed since: the date" in step.reason


def test_a_letter_on_paper_is_told_where_it_is_and_when_it_is_gone() -> None:
    moved = _step("", on_paper=True, elsewhere=("Done/Li.docx",))
    assert (moved.letter.path, moved.reason) == (PurePosixPath("Done/Li.docx"), "printed")
    assert _step("", on_paper=True).reason == "printed; its file is missing"


@pytest.mark.parametrize("content", get_args(Content))
def test_nothing_touches_a_letter_that_is_open(content: Content) -> None:
    new = PurePosixPath("Anna/Li.docx")
    step = _step(content, is_open=True, changed=("the date",), again=True, new_name=new)
    assert (step.state, step.letter.path) == ("in-use", PATH)


@pytest.mark.parametrize("content", get_args(Content))
def test_again_replaces_what_was_edited_or_saved_again_and_nothing_else(content: Content) -> None:
    step = _step(content, again=True)
    assert step.has("asked-again") == (content in {"edited", "resaved", "damaged"})


@pytest.mark.parametrize("content", THEIRS)
def test_what_is_not_ours_is_never_written_unasked(content: Content) -> None:
    balance = Balance()
    balance.count(_step(content, changed=("the date",), elsewhere=("Copy.docx",)))
    assert (balance.kept, balance.planned) == (1, 1)


def test_the_balance_has_room_for_every_state_and_adds_up() -> None:
    balance = Balance()
    for state in get_args(State):
        balance.count(Step(LETTER, state))
    assert (balance.written, balance.unchanged, balance.skipped) == (2, 1, 1)
    assert balance.planned == len(get_args(State)) == 4 + balance.kept
