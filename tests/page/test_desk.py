"""An open campaign: looked at again when its files change, one thing at work at a time."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.campaigns import make
from support.pages import wait_for

from merge.campaign.campaign import Campaign
from merge.campaign.task import Task
from merge.errors import DataError
from merge.page.session import BusyError, CampaignSession, CampaignSessions, TaskResult
from merge.problems import Place, Problem


@pytest.fixture
def desk(tmp_path: Path) -> CampaignSession:
    make(tmp_path / "campaign")
    return CampaignSession(tmp_path / "campaign")


def test_the_first_look_is_waited_for(desk: CampaignSession) -> None:
    try:
        assert desk.snapshot.view is not None
        assert len(desk.snapshot.view.letters) > 0
    finally:
        desk.close()


def test_the_first_look_comes_before_an_errand(desk: CampaignSession) -> None:
    def work(_campaign: Campaign, errand: Task) -> None:
        while True:
            errand.raise_if_cancelled()

    try:
        desk.submit_with_campaign("letters", work)
        assert desk.snapshot.view is not None
        assert desk.status.task_name == "letters"
        desk.cancel_task()
    finally:
        desk.close()


def test_a_file_that_was_saved_is_looked_at_within_two_seconds_and_a_half(
    desk: CampaignSession,
) -> None:
    try:
        before = desk.snapshot.number
        (desk.folder / "signers.xlsx").write_bytes(b"no workbook")
        wait_for(lambda: desk.snapshot.number > before, 5)
        assert desk.snapshot.view is None
        assert [problem.place.file for problem in desk.snapshot.errors] == ["signers.xlsx"]
    finally:
        desk.close()


def test_one_thing_is_at_work_at_a_time_and_can_be_stopped(desk: CampaignSession) -> None:
    begun = threading.Event()

    def work(_campaign: Campaign, errand: Task) -> None:
        begun.set()
        while True:
            errand.raise_if_cancelled()

    try:
        desk.submit_with_campaign("letters", work)
        assert begun.wait(5)
        with pytest.raises(BusyError):
            desk.submit_with_campaign("letters", work)
        assert desk.status.task_name == "letters"
        desk.cancel_task()
        wait_for(lambda: desk.task_result)
        assert desk.task_result
        assert desk.task_result.stopped
        wait_for(lambda: not desk.status.task_name)
    finally:
        desk.close()


@dataclass
class _Told:
    problems: list[Problem] = field(default_factory=list)


def test_what_an_errand_tells_before_its_end_is_an_outcome_and_the_next_waits(
    desk: CampaignSession,
) -> None:
    result, rest = _Told(), threading.Event()

    def work(_campaign: Campaign, errand: Task) -> _Told:
        errand.report_result(result)
        assert rest.wait(5)
        return result

    try:
        desk.submit_with_campaign("letters", work)
        wait_for(lambda: desk.task_result)
        assert desk.task_result == TaskResult("letters", result)
        assert desk.status.task_name == "letters"
        threading.Timer(0.2, rest.set).start()
        desk.submit_with_campaign("look", lambda _campaign, _errand: "done", wait=5)
        assert desk.task_result == TaskResult("look", "done")
    finally:
        desk.close()


_OPEN = Problem("x", Place("register.xlsx"), "it is open.", "Close it.")


@pytest.mark.parametrize("problems", [[], [_OPEN]])
def test_an_outcome_that_was_put_away_comes_back_only_with_news(
    desk: CampaignSession, problems: list[Problem]
) -> None:
    result, rest = _Told(), threading.Event()

    def work(_campaign: Campaign, errand: Task) -> _Told:
        errand.report_result(result)
        assert rest.wait(5)
        result.problems = problems
        return result

    try:
        desk.submit_with_campaign("letters", work)
        wait_for(lambda: desk.task_result)
        desk.dismiss()
        rest.set()
        wait_for(lambda: not desk.status.task_name)
        assert (desk.task_result.problems if desk.task_result else ()) == tuple(problems)
    finally:
        desk.close()


def test_the_first_look_comes_before_what_is_begun(desk: CampaignSession) -> None:
    def work(_campaign: Campaign, errand: Task) -> None:
        while True:
            errand.raise_if_cancelled()

    try:
        desk.submit_with_campaign("letters", work)
        assert desk.snapshot.view is not None
        assert desk.status.task_name == "letters"
    finally:
        desk.close()


def test_what_a_person_can_put_right_is_an_outcome_and_so_is_a_bug(desk: CampaignSession) -> None:
    problem = Problem("x", Place("signers.xlsx"), "this is wrong.", "Mend it.")

    def refuse(_campaign: Campaign, _errand: Task) -> None:
        raise DataError(problem)

    def fail(_campaign: Campaign, _errand: Task) -> None:
        secret = {"Olena": 1}
        secret["Marta"]

    try:
        desk.submit_with_campaign("letters", refuse, wait=5)
        assert desk.task_result
        assert desk.task_result.problems == (problem,)
        desk.submit_with_campaign("letters", fail, wait=5)
        assert desk.task_result
        assert "KeyError" in desk.task_result.fault
        assert "Marta" not in "".join(desk.task_result.fault)
        desk.dismiss()
        assert desk.task_result is None
    finally:
        desk.close()


def test_what_is_to_be_done_afterwards_is_done_when_a_file_was_saved(desk: CampaignSession) -> None:
    try:
        assert desk.snapshot.view
        desk.background_work = (
            "look",
            lambda campaign, _errand: len(campaign.workbook.signers.persons),
        )
        make(desk.folder, Signers=[["Name"], ["Ana Ruiz"]])
        wait_for(lambda: desk.task_result and desk.task_result.result, 5)
        assert desk.task_result
        assert (desk.task_result.name, desk.task_result.result) == ("look", 1)
    finally:
        desk.close()


@pytest.mark.slow
def test_what_is_done_afterwards_makes_way_for_what_somebody_asks_for(
    desk: CampaignSession,
) -> None:
    begun = threading.Event()

    def work(_campaign: Campaign, errand: Task) -> None:
        begun.set()
        while True:
            errand.raise_if_cancelled()

    try:
        assert desk.snapshot.view
        desk.background_work = "look", work
        make(desk.folder, Signers=[["Name"], ["Ana Ruiz"]])
        assert begun.wait(5)
        desk.background_work = None
        desk.submit_with_campaign("letters", lambda _campaign, _errand: "done", wait=5)
        assert desk.task_result
        assert desk.task_result.result == "done"
    finally:
        desk.close()


def test_closing_stops_what_is_at_work_and_waits(desk: CampaignSession) -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(_campaign: Campaign, errand: Task) -> None:
        begun.set()
        try:
            while True:
                errand.raise_if_cancelled()
        finally:
            ended.set()

    desk.submit_with_campaign("letters", work)
    assert begun.wait(5)
    desk.close()
    assert ended.is_set()


def test_a_folder_has_one_key_that_says_nothing_of_it(tmp_path: Path) -> None:
    make(tmp_path / "campaign")
    desks = CampaignSessions()
    try:
        key = desks.open(tmp_path / "campaign")
        assert desks.open(tmp_path / "x" / ".." / "campaign") == key
        assert "campaign" not in key
        assert desks.get("0" * 8) is None
    finally:
        desks.close()


@pytest.mark.slow
def test_a_file_that_is_being_saved_leaves_the_last_view_for_a_while(desk: CampaignSession) -> None:
    book = desk.folder / "signers.xlsx"
    try:
        assert desk.snapshot.view
        before, whole = desk.snapshot, book.read_bytes()
        book.write_bytes(whole[: len(whole) // 2])
        wait_for(lambda: desk.snapshot.unreadable_files, 5)
        assert desk.snapshot.view is before.view
        assert [problem.place.file for problem in desk.snapshot.unreadable_files] == [
            "signers.xlsx"
        ]
        assert desk.snapshot.problems == before.problems
        book.write_bytes(whole)
        wait_for(lambda: not desk.snapshot.unreadable_files, 5)
        assert (len(desk.snapshot.met_problems), desk.snapshot.fixed_count) == (
            len(before.problems),
            0,
        )
    finally:
        desk.close()


def test_a_page_is_told_that_news_are_near_from_the_change_to_the_look(
    desk: CampaignSession,
) -> None:
    try:
        assert desk.snapshot.view
        number = desk.snapshot.number
        make(desk.folder, Signers=[["Name"], ["Ana Ruiz"]])
        wait_for(lambda: desk.status.is_change_pending, 5)
        wait_for(lambda: desk.snapshot.number > number, 5)
        wait_for(lambda: not desk.status.is_change_pending, 5)
    finally:
        desk.close()


@pytest.mark.slow
def test_a_file_that_stays_half_saved_is_told(desk: CampaignSession) -> None:
    template = desk.folder / "templates" / "appeal.docx"
    try:
        assert desk.snapshot.view
        template.write_bytes(template.read_bytes()[:500])
        wait_for(lambda: desk.snapshot.unreadable_files, 5)
        assert desk.snapshot.errors == ()
        wait_for(lambda: desk.snapshot.errors, 10)
        assert desk.snapshot.unreadable_files == ()
    finally:
        desk.close()


def test_an_outcome_goes_by_itself_at_the_next_screen_once_it_was_seen(
    desk: CampaignSession,
) -> None:
    try:
        desk.submit_with_campaign("letters", lambda _campaign, _errand: "done", wait=5)
        assert desk.task_result_for("letters")
        assert desk.task_result_for("letters")
        assert desk.task_result_for("data") is None
        assert desk.task_result_for("letters") is None
        desk.submit_with_campaign("letters", lambda _campaign, _errand: "done", wait=5)
        assert desk.task_result_for("data")
    finally:
        desk.close()


@pytest.mark.slow
def test_a_refusal_goes_by_itself_when_it_was_seen_and_what_it_told_is_mended(
    desk: CampaignSession,
) -> None:
    def refuse(_campaign: Campaign, _errand: Task) -> None:
        raise DataError(Problem("x", Place("signers.xlsx"), "this is wrong.", "Mend it."))

    try:
        desk.submit_with_campaign("letters", refuse, wait=5)
        (desk.folder / "signers.xlsx").write_bytes(b"no workbook")
        wait_for(lambda: desk.snapshot.view is None, 10)
        assert desk.task_result_for("letters")  # it was not seen before
        make(desk.folder)
        wait_for(lambda: desk.snapshot.view, 10)
        assert desk.task_result_for("letters") is None
    finally:
        desk.close()
