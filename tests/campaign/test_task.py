"""Stopped tasks: their files are complete, and the next run continues.

The ledger and the register know what a stopped task has written.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import letters, make, merge
from support.copied_folders import copy_made_folder
from support.everyday import everyday
from support.interrupted_runs import temporary
from support.printed_campaigns import make_six_letters, run_print
from support.registers import excel, table

from merge.campaign.campaign import read_campaign
from merge.campaign.closing import close_campaign_folder, plan_closing
from merge.campaign.deletion import delete_person, find_remaining_data
from merge.campaign.deletion_plan import plan_deletion
from merge.campaign.deletion_subject import find_subject
from merge.campaign.letters_order import LettersOrder
from merge.campaign.letters_run import LettersResult, write_letters
from merge.campaign.plan import LettersRunPlan
from merge.campaign.print_plan import PrintOrder, plan_printing
from merge.campaign.print_run import PrintRun
from merge.campaign.proofread_run import proofread_letters, write_proofs
from merge.campaign.task import (
    NO_PROGRESS,
    STEP_MILLISECONDS,
    Cancelled,
    StepProgress,
    Task,
)
from merge.state.ledger import read_ledger

SIGNERS = [["ID", "Name"], ["S1", "Ana Ruiz"], ["S2", "Bo Berg"], ["S3", "Chidi Obi"]]


class StopAfter(Task):
    """A task that cancels itself when a step has advanced far enough."""

    def __init__(self, after: int, what: str = "") -> None:
        super().__init__()
        self.after, self.what = after, what

    def start_step(self, number: int, what: str) -> None:
        """Start a step, and cancel the task if nothing more is allowed."""
        super().start_step(number, what)
        self._cancel_if_reached()

    def advance(self, number: float = 1) -> None:
        """Advance the step, and cancel the task if it is far enough."""
        super().advance(number)
        self._cancel_if_reached()

    def _cancel_if_reached(self) -> None:
        what, done, _ = self.progress
        if self.what in {"", what} and done >= self.after:
            self.cancel()


def create_letters(
    folder: Path, task: Task = NO_PROGRESS, replaced: tuple[str, ...] = ()
) -> LettersResult:
    """Create the letters of a folder until the task is cancelled."""
    order = LettersOrder(folder / "letters", replace=replaced)
    return write_letters(LettersRunPlan(read_campaign(folder), order), task)


def register_rows(folder: Path) -> dict[str, str]:
    """Return the states in the register, by the path of the letter."""
    states = {}
    for row in table(folder / "register.xlsx"):
        path = re.search(r"letters/(.+?\.docx)", str(row["File"]))
        assert path
        states[path[1]] = str(row["Status"])
    return states


def ledger_paths(folder: Path) -> set[str]:
    """Return the paths of all letters in the ledger."""
    with closing(read_ledger(folder / "letters")) as ledger:
        return {record.path for record in ledger.letters()}


def file_bytes(folder: Path) -> dict[str, bytes]:
    """Return the contents of every file of a folder, by path, except the lock."""
    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != ".merge-lock")
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


# The task itself


def test_a_task_counts_its_steps() -> None:
    task = Task()
    assert task.progress == StepProgress()
    counts = [(item, task.progress.done) for item in task.track("ab", "Letters read")]
    assert counts == [("a", 0), ("b", 1)]
    assert task.progress == StepProgress("Letters read", 2, 2)
    task.start_step(5, "Letters in print files")
    task.advance(3)
    task.advance(0.5)  # a letter whose PDF is not created yet
    assert task.progress == StepProgress("Letters in print files", 3, 5)


def test_a_task_of_several_steps_never_goes_back_and_always_moves() -> None:
    task = Task()
    task.expect_steps("Letters read", "Counting pages", "Letters in print files")
    shares = [task.share]
    for what in ("Letters read", "Counting pages", "Letters read", "Letters in print files"):
        task.start_step(40, what)
        before = task.share
        while task.share == before:  # it moves although nothing is reported
            time.sleep(0.001)
        for _ in range(40):
            task.advance()
            shares.append(task.share)
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == 1
    assert task.remaining_steps == ()


def test_a_step_of_a_task_has_a_share_by_its_measured_weight() -> None:
    task = Task()
    task.expect_steps("Letters read", "Counting pages")
    task.start_step(100, "Letters read")
    task.advance(100)
    assert task.remaining_steps == ("Counting pages",)
    weights = [STEP_MILLISECONDS[step] for step in ("Letters read", "Counting pages")]
    assert task.share == pytest.approx(weights[0] / sum(weights))


def test_a_task_can_be_advanced_and_stopped_by_several_threads() -> None:
    task, stops = Task(), []
    task.start_step(40_000, "Letters")

    def work() -> None:
        for _ in range(10_000):
            task.advance()
        while True:
            try:
                task.raise_if_cancelled()
            except Cancelled:
                stops.append(1)
                return

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    while task.progress.done < 40_000:
        time.sleep(0.001)
    task.cancel()
    for thread in threads:
        thread.join(5)
    assert (task.is_cancelled, len(stops), task.progress.done) == (True, 4, 40_000)


def test_a_task_without_progress_cannot_be_stopped() -> None:
    NO_PROGRESS.cancel()
    NO_PROGRESS.start_step(3, "Letters")
    assert [*NO_PROGRESS.track("ab", "Letters")] == ["a", "b"]
    assert NO_PROGRESS.progress == StepProgress()


# Letters


@pytest.mark.slow
def test_a_stopped_letters_task_leaves_letters_known_to_ledger_and_register(tmp_path: Path) -> None:
    complete = make(tmp_path / "whole", Signers=SIGNERS)
    create_letters(complete)
    for stop_after in range(1, 5):
        folder = make(tmp_path / str(stop_after), Signers=SIGNERS)
        assert create_letters(folder, StopAfter(stop_after)) == LettersResult([], stopped=True)
        paths = {*letters(folder)}
        written = stop_after + stop_after % 2  # a signer's folder appears complete
        assert len(paths) == written
        assert paths == {*register_rows(folder)} == ledger_paths(folder)
        assert {*register_rows(folder).values()} == {"unchanged"}
        assert temporary(folder) == []
        next_run = merge("letters", folder, "--json").json
        assert (next_run["written"], next_run["unchanged"]) == (6 - written, written)
        assert [p["code"] for p in next_run["problems"]] == ["column-unused"]
        assert {p: f.read_bytes() for p, f in letters(folder).items()} == {
            p: f.read_bytes() for p, f in letters(complete).items()
        }
        assert register_rows(folder) == register_rows(complete)


@pytest.mark.parametrize("after", [1, 3])
def test_a_stopped_letters_task_leaves_no_letters_unknown_to_the_ledger(
    tmp_path: Path, after: int
) -> None:
    by_recipient = [["Name", "Value"], ["File name", "{{ recipient.name }}/{{ signer.name }}"]]
    folder = make(tmp_path, Signers=SIGNERS, Settings=by_recipient)
    create_letters(folder, StopAfter(after, "Letters"))
    assert {*letters(folder)} == ledger_paths(folder) == {*register_rows(folder)}


@pytest.mark.parametrize("after", [2, 9])
def test_a_letters_task_reports_its_result_before_it_writes_the_register(
    tmp_path: Path, after: int
) -> None:
    folder, reports = make(tmp_path, Signers=SIGNERS), list[tuple[bool, int, bool]]()

    def record(result: LettersResult) -> None:
        has_register = (folder / "register.xlsx").exists()
        reports.append((result.stopped, len([*folder.glob("letters/*/*.docx")]), has_register))

    order = LettersOrder(folder / "letters")
    write_letters(
        LettersRunPlan(read_campaign(folder), order),
        StopAfter(after, "Letters"),
        on_letters_done=record,
    )
    assert reports == [(after < 6, min(after, 6), False)]
    assert len(register_rows(folder)) == min(after, 6)


def test_a_letters_task_stopped_before_the_first_letter_writes_nothing(tmp_path: Path) -> None:
    for task in (StopAfter(0), StopAfter(0, "Letters")):
        folder = make(tmp_path / task.what, Signers=SIGNERS)
        assert create_letters(folder, task).stopped
        assert (letters(folder), (folder / "register.xlsx").exists()) == ({}, False)
        assert merge("letters", folder, "--json").json["written"] == 6
        shutil.rmtree(folder)


def _changed_campaign(folder: Path) -> Path:
    return copy_made_folder(_create_changed_campaign, folder)


def _create_changed_campaign(folder: Path) -> None:
    """Create letters, edit two, then change a name, the rows and the template."""
    make(folder, Signers=[*SIGNERS, ["S4", "Dana Levi"]])
    merge("letters", folder)
    staff_actions.add_line(folder / "letters" / "Bo Berg" / "Consul Roy.docx", "We met.")
    staff_actions.add_line(folder / "letters" / "Chidi Obi" / "Consul Roy.docx", "My own words.")
    merge("letters", folder)
    changed = [["ID", "Name"], ["S1", "Anna Ruiz"], *SIGNERS[2:], ["S5", "Eun-ji Park"]]
    make(folder, "{{ recipient.name }}: {{ signer.name }} asks again", Signers=changed)


@pytest.mark.slow
@pytest.mark.parametrize("after", everyday(range(7)))  # the last folder is written at once
def test_a_stopped_second_letters_task_is_completed_by_the_next(tmp_path: Path, after: int) -> None:
    folder = _changed_campaign(tmp_path / "campaign")
    complete = shutil.copytree(folder, tmp_path / "whole")
    edited = {
        p: f.read_bytes() for p, f in letters(folder).items() if p == "Chidi Obi/Consul Roy.docx"
    }
    replaced = ("Bo Berg",)
    create_letters(complete, replaced=replaced)
    assert create_letters(folder, StopAfter(after, "Letters"), replaced=replaced).stopped
    assert temporary(folder) == []
    assert {p: f.read_bytes() for p, f in letters(folder).items() if p in edited} == edited
    assert {*register_rows(folder)} == ledger_paths(folder)
    assert not create_letters(folder, replaced=replaced).stopped
    assert _without_times(letters(folder)) == _without_times(letters(complete))
    assert register_rows(folder) == register_rows(complete)
    assert merge("letters", folder, "--json").json["written"] == 0


def _without_times(paths: dict[str, Path]) -> dict[str, bytes]:
    """Return the contents of letters, by their paths without times."""
    return {re.sub(r"\d\d\.\d\d\.\d\d", "", p): f.read_bytes() for p, f in paths.items()}


@pytest.mark.slow
def test_a_stopped_letters_task_marks_outdated_letters_in_the_register(tmp_path: Path) -> None:
    signers = [["Name"], *([f"{first} {last}"] for first in FIRST_NAMES for last in FIRST_NAMES)]
    recipients = [["Name"], *([f"Minister {last}"] for last in FIRST_NAMES)]
    folder = make(tmp_path, Signers=signers, Recipients=recipients)
    merge("letters", folder)
    edited = ["Alma Alma/Minister Cyra.docx", "Jun Jun/Minister Jun.docx"]
    for path in edited:
        staff_actions.add_line(folder / "letters" / path, "We met.")
    merge("letters", folder)
    make(folder, "{{ recipient.name }}: {{ signer.name }}", Signers=signers, Recipients=recipients)
    assert create_letters(folder, StopAfter(1, "Letters")).stopped
    states = register_rows(folder)
    assert states["Alma Alma/Minister Alma.docx"] == "unchanged"
    assert states["Alma Alma/Minister Bodil.docx"] == "out of date"
    assert [states[path] for path in edited] == ["edited, data changed", "edited"]
    assert states["Jun Jun/Minister Ilse.docx"] == "unchanged"  # in a later batch
    assert merge("letters", folder, "--json").json["written"] == len(states) - 3


FIRST_NAMES = (
    "Alma",
    "Bodil",
    "Cyra",
    "Deniz",
    "Emre",
    "Fadil",
    "Goran",
    "Hedy",
    "Ilse",
    "Jun",
    "Kofi",
)


@pytest.mark.slow
def test_a_stopped_letters_task_leaves_conflicts_open(tmp_path: Path) -> None:
    folder = _changed_campaign(tmp_path)
    before = merge("letters", folder, "--dry-run", "--json").json
    create_letters(folder, StopAfter(2, "Letters"), replaced=("Bo Berg",))
    after = merge("letters", folder, "--dry-run", "--json").json
    states = {letter["id"]: letter["state"] for letter in after["letters"]}
    for letter in before["letters"]:
        if letter["state"] == "edited-changed":
            assert states[letter["id"]] == "edited-changed"


# Print


def _print_run(folder: Path, task: Task, **options: object) -> PrintRun:
    campaign, order = read_campaign(folder), PrintOrder(grouping="per-signer", **options)  # type: ignore[arg-type]
    return PrintRun(campaign, order, plan_printing(campaign, order, None), None, task)


@pytest.mark.parametrize("after", everyday(range(7)))
def test_a_stopped_print_task_keeps_and_records_complete_print_files(
    tmp_path: Path, after: int
) -> None:
    folder = make_six_letters(tmp_path)
    result = _print_run(
        folder, StopAfter(after, "Letters in print files"), envelopes="C5"
    ).create_files()
    assert result.stopped
    names = [path.name for path in (folder / "print").glob("2*/*")]
    assert sorted(names) == sorted(result.files)
    assert len(names) == after // 2 - (after in {2, 4, 6})
    assert temporary(folder) == []
    signers = {row["Signer"] for row in table(folder / "register.xlsx") if row.get("Print file")}
    assert len(signers) == len(names)
    next_run = run_print(folder, "--since-last").json
    assert next_run["letters"] == 6 - 2 * len(names)
    assert [p for p in next_run["problems"] if p["level"] == "error"] == []


@pytest.mark.parametrize("after", everyday([0, 3, 6]))
def test_a_print_task_stopped_at_the_register_still_records_all_print_files(
    tmp_path: Path, after: int
) -> None:
    folder = make_six_letters(tmp_path)
    task = StopAfter(after, "Letters checked")
    result = _print_run(folder, task).create_files()
    assert (task.is_cancelled, task.progress.done, result.stopped) == (True, after, False)
    assert len(result.files) == 3
    assert all(row["Print file"] for row in table(folder / "register.xlsx"))
    create_letters(folder)
    rows = table(folder / "register.xlsx")
    assert all(row["Print file"] and row["Status"] == "unchanged" for row in rows)
    assert run_print(folder, "--since-last").json["letters"] == 0


def test_a_stopped_print_plan_task_changes_nothing(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    before = file_bytes(folder)
    campaign, order = read_campaign(folder), PrintOrder()
    with pytest.raises(Cancelled):
        plan_printing(campaign, order, None, StopAfter(2, "Letters read"))
    assert file_bytes(folder) == before


# Proofread


@pytest.mark.parametrize("after", everyday([0, 3, 6]))
def test_a_stopped_proofread_task_writes_nothing(tmp_path: Path, after: int) -> None:
    folder = make_six_letters(tmp_path)
    before, task = file_bytes(folder), StopAfter(after, "Letters read")
    with pytest.raises(Cancelled):
        proofread_letters(read_campaign(folder), (), task)
    assert file_bytes(folder) == before


def test_a_proofread_task_stopped_before_its_report_writes_no_report(tmp_path: Path) -> None:
    folder = make_six_letters(tmp_path)
    campaign, task = read_campaign(folder), Task()
    result = proofread_letters(campaign, (), task)
    task.cancel()
    now = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
    with pytest.raises(Cancelled):
        write_proofs(campaign, result, now, task)
    assert not [*folder.glob("print/*.xlsx")]


# Deleting a person's data, closing a campaign


@pytest.mark.slow
@pytest.mark.parametrize("after", range(5))
def test_a_stopped_deletion_task_is_completed_by_the_next_without_the_row(
    tmp_path: Path, after: int
) -> None:
    folder = make(tmp_path, Signers=SIGNERS)
    merge("letters", folder)
    merge("print", folder)
    merge("proofread", folder)
    campaign = read_campaign(folder)
    plan = plan_deletion(campaign, find_subject(campaign, "S1"))
    assert len(plan.files) == 5
    result = delete_person(campaign, plan, StopAfter(after, "Files deleted"))
    assert (result.count, result.stopped) == (after, True)
    assert [path for path in plan.files if (folder / path).exists()] == [*plan.files[after:]]
    with excel(folder / "signers.xlsx", "Signers") as sheet:
        sheet.delete_rows(2)
    assert merge("letters", folder, "--dry-run").code == 0
    ran = merge("delete-person", "Ana Ruiz", folder, "--yes")
    assert (ran.code, ran.last) == (0, "No data about Ana Ruiz is left.")
    assert not [path for path in letters(folder) if "Ana" in path]
    assert len(letters(folder)) == 4
    with closing(read_ledger(folder / "letters")) as ledger:
        assert ledger.fact("forgetting") == "[]"


def test_a_stopped_deletion_task_leaves_no_print_file_whose_letters_are_printed_again(
    tmp_path: Path,
) -> None:
    folder = make(tmp_path, Signers=SIGNERS)
    merge("letters", folder)
    run_print(folder, "--one-file")
    campaign = read_campaign(folder)
    plan = plan_deletion(campaign, find_subject(campaign, "S1"))
    assert len(plan.letters_to_print_again) == 4
    assert delete_person(campaign, plan, StopAfter(1, "Files deleted")).stopped
    assert not [*folder.glob("print/*/*")]


@pytest.mark.slow
def test_a_stopped_deletion_task_never_deletes_data_of_a_namesake(tmp_path: Path) -> None:
    signers = [["ID", "Name"], ["S1", "Ana Ruiz"], ["S2", "Ana Ruiz"], ["S3", "Bo Berg"]]
    merge("letters", make(tmp_path, Signers=signers))
    campaign = read_campaign(tmp_path)
    delete_person(
        campaign,
        plan_deletion(campaign, find_subject(campaign, "S1")),
        StopAfter(1, "Files deleted"),
    )
    with excel(tmp_path / "signers.xlsx", "Signers") as sheet:
        sheet.delete_rows(2)
    assert merge("delete-person", "S1", tmp_path, "--yes", "--json").json["letters"]
    assert len(letters(tmp_path)) == 4


def test_a_stopped_task_that_searches_a_persons_data_changes_nothing(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=SIGNERS)
    merge("letters", folder)
    campaign, before = read_campaign(folder), file_bytes(folder)
    subject = find_subject(campaign, "S1")
    for step in ("Letters checked", "Files searched"):
        with pytest.raises(Cancelled):
            plan_deletion(campaign, subject, StopAfter(2, step))
    with pytest.raises(Cancelled):
        find_remaining_data(campaign, subject, StopAfter(2))
    assert file_bytes(folder) == before


@pytest.mark.slow
def test_a_stop_at_the_end_of_a_preview_task_raises_cancelled(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=SIGNERS)
    merge("letters", folder)
    campaign = read_campaign(folder)
    subject = find_subject(campaign, "S1")
    for preview in (
        lambda task: plan_deletion(campaign, subject, task),
        lambda task: plan_closing(folder, task),
    ):
        task = Task()
        preview(task)
        with pytest.raises(Cancelled):
            preview(StopAfter(task.progress.done, task.progress.what))


def test_a_stopped_closing_task_leaves_remaining_letters_in_the_ledger(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=SIGNERS)
    merge("letters", folder)
    result = close_campaign_folder(folder, plan_closing(folder).files, StopAfter(4))
    assert (result.count, result.stopped, len(letters(folder))) == (4, True, 2)
    assert {*letters(folder)} <= ledger_paths(folder)
    assert merge("close", folder, "--yes").code == 0
    assert letters(folder) == {}
    with closing(read_ledger(folder / "letters")) as ledger:
        assert ledger.state.closed_on
