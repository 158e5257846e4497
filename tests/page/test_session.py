"""Session of an open campaign: snapshots and its single worker."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
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
def session(tmp_path: Path) -> CampaignSession:
    make(tmp_path / "campaign")
    return CampaignSession(tmp_path / "campaign")


def test_requests_wait_for_the_first_snapshot(session: CampaignSession) -> None:
    try:
        assert session.snapshot.view is not None
        assert len(session.snapshot.view.letters) > 0
    finally:
        session.close()


def test_the_first_snapshot_is_taken_before_a_task_starts(session: CampaignSession) -> None:
    def work(_campaign: Campaign, task: Task) -> None:
        while True:
            task.raise_if_cancelled()

    try:
        session.submit_with_campaign("letters", work)
        assert session.snapshot.view is not None
        assert session.status.task_name == "letters"
        session.cancel_task()
    finally:
        session.close()


def test_a_saved_file_is_in_a_snapshot_within_two_and_a_half_seconds(
    session: CampaignSession,
) -> None:
    try:
        before = session.snapshot.number
        (session.folder / "signers.xlsx").write_bytes(b"no workbook")
        wait_for(lambda: session.snapshot.number > before, 5)
        assert session.snapshot.view is None
        assert [problem.place.file for problem in session.snapshot.errors] == ["signers.xlsx"]
    finally:
        session.close()


def test_one_task_runs_at_a_time_and_can_be_stopped(session: CampaignSession) -> None:
    started = threading.Event()

    def work(_campaign: Campaign, task: Task) -> None:
        started.set()
        while True:
            task.raise_if_cancelled()

    try:
        session.submit_with_campaign("letters", work)
        assert started.wait(5)
        with pytest.raises(BusyError):
            session.submit_with_campaign("letters", work)
        assert session.status.task_name == "letters"
        session.cancel_task()
        wait_for(lambda: session.task_result)
        assert session.task_result
        assert session.task_result.stopped
        wait_for(lambda: not session.status.task_name)
    finally:
        session.close()


@dataclass
class _Result:
    problems: list[Problem] = field(default_factory=list)


def test_an_early_report_is_a_task_result_and_the_next_task_waits(session: CampaignSession) -> None:
    result, rest = _Result(), threading.Event()

    def work(_campaign: Campaign, task: Task) -> _Result:
        task.report_result(result)
        assert rest.wait(5)
        return result

    try:
        session.submit_with_campaign("letters", work)
        wait_for(lambda: session.task_result)
        assert session.task_result == TaskResult("letters", result)
        assert session.status.task_name == "letters"
        threading.Timer(0.2, rest.set).start()
        session.submit_with_campaign("look", lambda _campaign, _task: "done", wait=5)
        assert session.task_result == TaskResult("look", "done")
    finally:
        session.close()


_OPEN = Problem("x", Place("register.xlsx"), "it is open.", "Close it.")


@pytest.mark.parametrize("problems", [[], [_OPEN]])
def test_a_dismissed_task_result_returns_only_if_it_changed(
    session: CampaignSession, problems: list[Problem]
) -> None:
    result, rest = _Result(), threading.Event()

    def work(_campaign: Campaign, task: Task) -> _Result:
        task.report_result(result)
        assert rest.wait(5)
        result.problems = problems
        return result

    try:
        session.submit_with_campaign("letters", work)
        wait_for(lambda: session.task_result)
        session.dismiss()
        rest.set()
        wait_for(lambda: not session.status.task_name)
        assert (session.task_result.problems if session.task_result else ()) == tuple(problems)
    finally:
        session.close()


def test_a_refusal_and_a_bug_are_task_results(session: CampaignSession) -> None:
    problem = Problem("x", Place("signers.xlsx"), "this is wrong.", "Mend it.")

    def refuse(_campaign: Campaign, _task: Task) -> None:
        raise DataError(problem)

    def fail(_campaign: Campaign, _task: Task) -> None:
        secret = {"Olena": 1}
        secret["Marta"]

    try:
        session.submit_with_campaign("letters", refuse, wait=5)
        assert session.task_result
        assert session.task_result.problems == (problem,)
        session.submit_with_campaign("letters", fail, wait=5)
        assert session.task_result
        assert "KeyError" in session.task_result.fault
        assert "Marta" not in "".join(session.task_result.fault)
        session.dismiss()
        assert session.task_result is None
    finally:
        session.close()


@pytest.mark.slow
def test_background_work_runs_after_a_file_was_saved(session: CampaignSession) -> None:
    try:
        assert session.snapshot.view
        session.background_work = (
            "look",
            lambda campaign, _task: len(campaign.workbook.signers.persons),
        )
        make(session.folder, Signers=[["Name"], ["Ana Ruiz"]])
        wait_for(lambda: session.task_result and session.task_result.result, 5)
        assert session.task_result
        assert (session.task_result.name, session.task_result.result) == ("look", 1)
    finally:
        session.close()


@pytest.mark.slow
def test_background_work_gives_way_to_a_task(session: CampaignSession) -> None:
    started = threading.Event()

    def work(_campaign: Campaign, task: Task) -> None:
        started.set()
        while True:
            task.raise_if_cancelled()

    try:
        assert session.snapshot.view
        session.background_work = "look", work
        make(session.folder, Signers=[["Name"], ["Ana Ruiz"]])
        assert started.wait(5)
        session.background_work = None
        session.submit_with_campaign("letters", lambda _campaign, _task: "done", wait=5)
        assert session.task_result
        assert session.task_result.result == "done"
    finally:
        session.close()


def test_deferred_work_is_done_at_the_latest_when_the_session_closes(
    session: CampaignSession,
) -> None:
    done: list[str] = []
    try:
        assert session.snapshot.view
        session.defer("register", lambda campaign, _: done.append(campaign.folder.name))
        assert done == []
    finally:
        session.close()
    assert done == ["campaign"]


def test_deferred_work_gives_way_to_a_task_and_is_done_when_a_session_is_idle(
    session: CampaignSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merge.page.session._IDLE_SECONDS", 0.05)
    began: list[str] = []

    def work(_campaign: Campaign, task: Task) -> None:
        began.append(session.status.task_name)
        while len(began) == 1:
            task.raise_if_cancelled()

    try:
        session.defer("register", work)
        wait_for(lambda: began)
        session.submit_with_campaign("letters", lambda _campaign, _task: "written", wait=30)
        assert session.task_result == TaskResult("letters", "written")
        wait_for(lambda: len(began) > 1)
    finally:
        session.close()
    assert set(began) == {""}  # no one waits for it, so it is not shown


def _endless_work(session: CampaignSession) -> tuple[list[str], Callable[[Task], None]]:
    """Return work that only ends if it is cancelled, and the tasks shown when it began."""
    began: list[str] = []

    def work(task: Task) -> None:
        began.append(session.status.task_name)
        while True:
            task.raise_if_cancelled()

    return began, work


def test_a_session_begins_background_work_only_if_it_is_idle_and_a_task_cancels_it(
    session: CampaignSession,
) -> None:
    began, work = _endless_work(session)
    try:
        while not began:
            session.start_background("layout", work)
        session.start_background("layout", work)  # it is running already
        session.submit_with_campaign("letters", lambda _campaign, _task: "written", wait=30)
        assert session.task_result == TaskResult("letters", "written")
    finally:
        session.close()
    assert began == [""]


def test_a_change_of_files_ends_background_work_and_is_read_at_once(
    session: CampaignSession,
) -> None:
    began, work = _endless_work(session)
    try:
        before = session.snapshot.number
        while not began:
            session.start_background("layout", work)
        (session.folder / "signers.xlsx").write_bytes(b"no workbook")
        wait_for(lambda: session.snapshot.number > before, 10)
        assert [problem.place.file for problem in session.snapshot.errors] == ["signers.xlsx"]
        assert session.task_result is None
    finally:
        session.close()


def test_a_task_that_knows_its_effect_changes_the_view_before_the_next_scan(
    session: CampaignSession,
) -> None:
    try:
        view, number = session.snapshot.view, session.snapshot.number
        assert view
        session.amend_view(lambda view: replace(view, print_again=("a.docx",)))
        assert session.snapshot.view == replace(view, print_again=("a.docx",))
        assert session.snapshot.number == number + 1
    finally:
        session.close()


def test_closing_a_session_cancels_its_task_and_waits(session: CampaignSession) -> None:
    started, ended = threading.Event(), threading.Event()

    def work(_campaign: Campaign, task: Task) -> None:
        started.set()
        try:
            while True:
                task.raise_if_cancelled()
        finally:
            ended.set()

    session.submit_with_campaign("letters", work)
    assert started.wait(5)
    session.close()
    assert ended.is_set()


def test_a_folder_has_one_opaque_key(tmp_path: Path) -> None:
    make(tmp_path / "campaign")
    sessions = CampaignSessions()
    try:
        key = sessions.open(tmp_path / "campaign")
        assert sessions.open(tmp_path / "x" / ".." / "campaign") == key
        assert "campaign" not in key
        assert sessions.get("0" * 8) is None
    finally:
        sessions.close()


@pytest.mark.slow
def test_a_file_that_is_being_saved_keeps_the_previous_view_for_a_while(
    session: CampaignSession,
) -> None:
    book = session.folder / "signers.xlsx"
    try:
        assert session.snapshot.view
        before, whole = session.snapshot, book.read_bytes()
        book.write_bytes(whole[: len(whole) // 2])
        wait_for(lambda: session.snapshot.unreadable_files, 5)
        assert session.snapshot.view is before.view
        assert [problem.place.file for problem in session.snapshot.unreadable_files] == [
            "signers.xlsx"
        ]
        assert session.snapshot.problems == before.problems
        book.write_bytes(whole)
        wait_for(lambda: not session.snapshot.unreadable_files, 5)
        assert (len(session.snapshot.met_problems), session.snapshot.fixed_count) == (
            len(before.problems),
            0,
        )
    finally:
        session.close()


@pytest.mark.slow
def test_other_problems_than_before_are_not_counted_as_resolved(session: CampaignSession) -> None:
    try:
        make(session.folder, "{{ recipient.foe }}")
        wait_for(lambda: len(session.snapshot.errors) == 1, 5)
        old = session.snapshot.problem_keys
        make(session.folder, "{{ recipient.bar }} {{ recipient.baz }}")
        wait_for(lambda: len(session.snapshot.errors) == 2, 5)
        assert old - session.snapshot.problem_keys
        assert session.snapshot.fixed_count == 0
    finally:
        session.close()


@pytest.mark.slow
def test_the_status_says_that_a_change_is_pending_until_the_snapshot(
    session: CampaignSession,
) -> None:
    try:
        assert session.snapshot.view
        number = session.snapshot.number
        make(session.folder, Signers=[["Name"], ["Ana Ruiz"]])
        wait_for(lambda: session.status.is_change_pending, 5)
        wait_for(lambda: session.snapshot.number > number, 5)
        wait_for(lambda: not session.status.is_change_pending, 5)
    finally:
        session.close()


@pytest.mark.slow
def test_a_file_that_stays_half_saved_is_reported(session: CampaignSession) -> None:
    template = session.folder / "templates" / "appeal.docx"
    try:
        assert session.snapshot.view
        template.write_bytes(template.read_bytes()[:500])
        wait_for(lambda: session.snapshot.unreadable_files, 5)
        assert session.snapshot.errors == ()
        wait_for(lambda: session.snapshot.errors, 10)
        assert session.snapshot.unreadable_files == ()
    finally:
        session.close()


def test_a_task_result_that_was_shown_is_dropped_at_the_next_screen(
    session: CampaignSession,
) -> None:
    try:
        session.submit_with_campaign("letters", lambda _campaign, _task: "done", wait=5)
        assert session.task_result_for("letters")
        assert session.task_result_for("letters")
        assert session.task_result_for("data") is None
        assert session.task_result_for("letters") is None
        session.submit_with_campaign("letters", lambda _campaign, _task: "done", wait=5)
        assert session.task_result_for("data")
    finally:
        session.close()


@pytest.mark.slow
def test_a_shown_refusal_is_dropped_when_its_problem_is_fixed(
    session: CampaignSession,
) -> None:
    def refuse(_campaign: Campaign, _task: Task) -> None:
        raise DataError(Problem("x", Place("signers.xlsx"), "this is wrong.", "Mend it."))

    try:
        session.submit_with_campaign("letters", refuse, wait=5)
        (session.folder / "signers.xlsx").write_bytes(b"no workbook")
        wait_for(lambda: session.snapshot.view is None, 10)
        assert session.task_result_for("letters")  # it was not shown before
        make(session.folder)
        wait_for(lambda: session.snapshot.view, 10)
        assert session.task_result_for("letters") is None
    finally:
        session.close()
