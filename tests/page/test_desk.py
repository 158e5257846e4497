"""An open campaign: looked at again when its files change, one thing at work at a time."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.campaigns import make
from support.pages import wait_for

from merge.campaign.campaign import Campaign
from merge.campaign.errand import Errand
from merge.errors import DataError
from merge.page.desk import BusyError, Desk, Desks, Outcome
from merge.problems import Place, Problem


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    make(tmp_path / "campaign")
    return Desk(tmp_path / "campaign")


def test_the_first_look_is_waited_for(desk: Desk) -> None:
    try:
        assert desk.sight.view is not None
        assert len(desk.sight.view.letters) > 0
    finally:
        desk.close()


def test_the_first_look_comes_before_an_errand(desk: Desk) -> None:
    def work(_campaign: Campaign, errand: Errand) -> None:
        while True:
            errand.check()

    try:
        desk.begin("letters", work)
        assert desk.sight.view is not None
        assert desk.news.errand == "letters"
        desk.stop()
    finally:
        desk.close()


def test_a_file_that_was_saved_is_looked_at_within_two_seconds_and_a_half(desk: Desk) -> None:
    try:
        before = desk.sight.number
        (desk.folder / "signers.xlsx").write_bytes(b"no workbook")
        wait_for(lambda: desk.sight.number > before, 5)
        assert desk.sight.view is None
        assert [problem.place.file for problem in desk.sight.errors] == ["signers.xlsx"]
    finally:
        desk.close()


def test_one_thing_is_at_work_at_a_time_and_can_be_stopped(desk: Desk) -> None:
    begun = threading.Event()

    def work(_campaign: Campaign, errand: Errand) -> None:
        begun.set()
        while True:
            errand.check()

    try:
        desk.begin("letters", work)
        assert begun.wait(5)
        with pytest.raises(BusyError):
            desk.begin("letters", work)
        assert desk.news.errand == "letters"
        desk.stop()
        wait_for(lambda: desk.outcome)
        assert desk.outcome
        assert desk.outcome.stopped
        wait_for(lambda: not desk.news.errand)
    finally:
        desk.close()


@dataclass
class _Told:
    problems: list[Problem] = field(default_factory=list)


def test_what_an_errand_tells_before_its_end_is_an_outcome_and_the_next_waits(desk: Desk) -> None:
    result, rest = _Told(), threading.Event()

    def work(_campaign: Campaign, errand: Errand) -> _Told:
        errand.tell(result)
        assert rest.wait(5)
        return result

    try:
        desk.begin("letters", work)
        wait_for(lambda: desk.outcome)
        assert desk.outcome == Outcome("letters", result)
        assert desk.news.errand == "letters"
        threading.Timer(0.2, rest.set).start()
        desk.begin("look", lambda _campaign, _errand: "done", wait=5)
        assert desk.outcome == Outcome("look", "done")
    finally:
        desk.close()


_OPEN = Problem("x", Place("register.xlsx"), "it is open.", "Close it.")


@pytest.mark.parametrize("problems", [[], [_OPEN]])
def test_an_outcome_that_was_put_away_comes_back_only_with_news(
    desk: Desk, problems: list[Problem]
) -> None:
    result, rest = _Told(), threading.Event()

    def work(_campaign: Campaign, errand: Errand) -> _Told:
        errand.tell(result)
        assert rest.wait(5)
        result.problems = problems
        return result

    try:
        desk.begin("letters", work)
        wait_for(lambda: desk.outcome)
        desk.put_away()
        rest.set()
        wait_for(lambda: not desk.news.errand)
        assert (desk.outcome.problems if desk.outcome else ()) == tuple(problems)
    finally:
        desk.close()


def test_the_first_look_comes_before_what_is_begun(desk: Desk) -> None:
    def work(_campaign: Campaign, errand: Errand) -> None:
        while True:
            errand.check()

    try:
        desk.begin("letters", work)
        assert desk.sight.view is not None
        assert desk.news.errand == "letters"
    finally:
        desk.close()


def test_what_a_person_can_put_right_is_an_outcome_and_so_is_a_bug(desk: Desk) -> None:
    problem = Problem("x", Place("signers.xlsx"), "this is wrong.", "Mend it.")

    def refuse(_campaign: Campaign, _errand: Errand) -> None:
        raise DataError(problem)

    def fail(_campaign: Campaign, _errand: Errand) -> None:
        secret = {"Olena": 1}
        secret["Marta"]

    try:
        desk.begin("letters", refuse, wait=5)
        assert desk.outcome
        assert desk.outcome.problems == (problem,)
        desk.begin("letters", fail, wait=5)
        assert desk.outcome
        assert "KeyError" in desk.outcome.fault
        assert "Marta" not in "".join(desk.outcome.fault)
        desk.put_away()
        assert desk.outcome is None
    finally:
        desk.close()


def test_what_is_to_be_done_afterwards_is_done_when_a_file_was_saved(desk: Desk) -> None:
    try:
        assert desk.sight.view
        desk.afterwards = "look", lambda campaign, _errand: len(campaign.workbook.signers.persons)
        make(desk.folder, Signers=[["Name"], ["Ana Ruiz"]])
        wait_for(lambda: desk.outcome and desk.outcome.result, 5)
        assert desk.outcome
        assert (desk.outcome.name, desk.outcome.result) == ("look", 1)
    finally:
        desk.close()


@pytest.mark.slow
def test_what_is_done_afterwards_makes_way_for_what_somebody_asks_for(desk: Desk) -> None:
    begun = threading.Event()

    def work(_campaign: Campaign, errand: Errand) -> None:
        begun.set()
        while True:
            errand.check()

    try:
        assert desk.sight.view
        desk.afterwards = "look", work
        make(desk.folder, Signers=[["Name"], ["Ana Ruiz"]])
        assert begun.wait(5)
        desk.afterwards = None
        desk.begin("letters", lambda _campaign, _errand: "done", wait=5)
        assert desk.outcome
        assert desk.outcome.result == "done"
    finally:
        desk.close()


def test_closing_stops_what_is_at_work_and_waits(desk: Desk) -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(_campaign: Campaign, errand: Errand) -> None:
        begun.set()
        try:
            while True:
                errand.check()
        finally:
            ended.set()

    desk.begin("letters", work)
    assert begun.wait(5)
    desk.close()
    assert ended.is_set()


def test_a_folder_has_one_key_that_says_nothing_of_it(tmp_path: Path) -> None:
    make(tmp_path / "campaign")
    desks = Desks()
    try:
        key = desks.open(tmp_path / "campaign")
        assert desks.open(tmp_path / "x" / ".." / "campaign") == key
        assert "campaign" not in key
        assert desks.get("0" * 8) is None
    finally:
        desks.close()


@pytest.mark.slow
def test_a_file_that_is_being_saved_leaves_the_last_view_for_a_while(desk: Desk) -> None:
    book = desk.folder / "signers.xlsx"
    try:
        assert desk.sight.view
        before, whole = desk.sight, book.read_bytes()
        book.write_bytes(whole[: len(whole) // 2])
        wait_for(lambda: desk.sight.held, 5)
        assert desk.sight.view is before.view
        assert [problem.place.file for problem in desk.sight.held] == ["signers.xlsx"]
        assert desk.sight.problems == before.problems
        book.write_bytes(whole)
        wait_for(lambda: not desk.sight.held, 5)
        assert (len(desk.sight.met), desk.sight.settled) == (len(before.problems), 0)
    finally:
        desk.close()


def test_a_page_is_told_that_news_are_near_from_the_change_to_the_look(desk: Desk) -> None:
    try:
        assert desk.sight.view
        number = desk.sight.number
        make(desk.folder, Signers=[["Name"], ["Ana Ruiz"]])
        wait_for(lambda: desk.news.is_near, 5)
        wait_for(lambda: desk.sight.number > number, 5)
        wait_for(lambda: not desk.news.is_near, 5)
    finally:
        desk.close()


@pytest.mark.slow
def test_a_file_that_stays_half_saved_is_told(desk: Desk) -> None:
    template = desk.folder / "templates" / "appeal.docx"
    try:
        assert desk.sight.view
        template.write_bytes(template.read_bytes()[:500])
        wait_for(lambda: desk.sight.held, 5)
        assert desk.sight.errors == ()
        wait_for(lambda: desk.sight.errors, 10)
        assert desk.sight.held == ()
    finally:
        desk.close()


def test_an_outcome_goes_by_itself_at_the_next_screen_once_it_was_seen(desk: Desk) -> None:
    try:
        desk.begin("letters", lambda _campaign, _errand: "done", wait=5)
        assert desk.outcome_for("letters")
        assert desk.outcome_for("letters")
        assert desk.outcome_for("data") is None
        assert desk.outcome_for("letters") is None
        desk.begin("letters", lambda _campaign, _errand: "done", wait=5)
        assert desk.outcome_for("data")
    finally:
        desk.close()


@pytest.mark.slow
def test_a_refusal_goes_by_itself_when_it_was_seen_and_what_it_told_is_mended(
    desk: Desk,
) -> None:
    def refuse(_campaign: Campaign, _errand: Errand) -> None:
        raise DataError(Problem("x", Place("signers.xlsx"), "this is wrong.", "Mend it."))

    try:
        desk.begin("letters", refuse, wait=5)
        (desk.folder / "signers.xlsx").write_bytes(b"no workbook")
        wait_for(lambda: desk.sight.view is None, 10)
        assert desk.outcome_for("letters")  # it was not seen before
        make(desk.folder)
        wait_for(lambda: desk.sight.view, 10)
        assert desk.outcome_for("letters") is None
    finally:
        desk.close()
