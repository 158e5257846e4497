"""Two runs over one campaign at once: one waits, or reports the other."""

from __future__ import annotations

import re
import shutil
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from filelock import FileLock
from support import printed_campaigns
from support.campaigns import make, merge
from support.interrupted_runs import EditedCampaign, make_edited_campaign, started
from support.printed_campaigns import PEOPLE, edit, no_libreoffice, run_print

from merge.campaign.campaign import read_campaign
from merge.campaign.letters_order import LettersOrder
from merge.campaign.letters_run import write_letters
from merge.campaign.plan import LettersRunPlan
from merge.campaign.print_plan import PrintOrder, PrintPlan, plan_printing
from merge.campaign.print_run import PrintRun
from merge.campaign.task import Task
from merge.errors import StorageError
from merge.state.letter_folder import LetterFolder

__all__ = ["no_libreoffice"]

LOCK = "letters/.merge-lock"
NEWER = "Hello {{ recipient.name }}\n{{ signer.name }}"
PRINTED = "{{ recipient.name }}\n{{ recipient.country }}\n\nDear you,\n{{ signer.name }}"
"""A template with an address for envelopes."""
ORDER = PrintOrder(grouping="per-signer", envelopes="C5")


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> EditedCampaign:
    return make_edited_campaign(tmp_path_factory.mktemp("worked"), 20, 20)


# Runs that create letters


@pytest.mark.slow
@pytest.mark.posix("POSIX signals")
@pytest.mark.parametrize("more", range(3))
def test_runs_at_the_same_time_wait_or_report_another_run(
    worked: EditedCampaign, tmp_path: Path, more: int
) -> None:
    folder = worked.copy(tmp_path / "campaign")
    with ExitStack() as stack:
        runs = [stack.enter_context(started("letters", folder)) for _ in range(2 + more)]
        results = [(*run.communicate(timeout=120), run.returncode) for run in runs]
    for _, err, code in results:
        assert code == 0 or (
            code == 1 and re.search("(?i)another run is (at work|writing)", err)
        ), err
    assert 0 in {code for *_, code in results}
    worked.check_finished(folder)
    shutil.rmtree(folder)


def test_a_run_that_waits_for_another_run_can_be_stopped(tmp_path: Path) -> None:
    folder = make(tmp_path, Signers=[["ID", "Name"], ["S1", "Ana Ruiz"], ["S2", "Bo Berg"]])
    (folder / "letters").mkdir()
    task = Task()
    order = LettersOrder(folder / "letters")
    with FileLock(folder / LOCK):
        threading.Timer(0.3, task.cancel).start()
        start = time.monotonic()
        assert write_letters(LettersRunPlan(read_campaign(folder), order), task).stopped
    assert time.monotonic() - start < 3  # without a stop it waits for five seconds


def test_a_second_run_reports_that_another_run_is_active(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merge.state.letter_folder._LONGEST_WAIT", 0.1)
    lock = FileLock(tmp_path / ".merge-lock")
    with lock, pytest.raises(StorageError) as error, LetterFolder(tmp_path).open():
        pass
    assert error.value.problems[0].code == "folder-busy"


# Runs that create print files


def _printed_campaign(folder: Path) -> Path:
    return printed_campaigns.make_six_letters(folder, PRINTED)


def _print_plan(folder: Path, order: PrintOrder = ORDER) -> PrintPlan:
    return plan_printing(read_campaign(folder), order, None)


def _print_run(folder: Path, plan: PrintPlan, order: PrintOrder = ORDER) -> PrintRun:
    return PrintRun(read_campaign(folder), order, plan, None)


def _letter(folder: Path, signer: str = PEOPLE[0]) -> Path:
    return folder / "letters" / signer / "Minister Li.docx"


@pytest.mark.slow
@pytest.mark.usefixtures("no_libreoffice")
def test_the_second_of_two_print_runs_plans_again_and_prints_no_letter_twice(
    tmp_path: Path,
) -> None:
    folder = _printed_campaign(tmp_path)
    order = PrintOrder(since_last=True)
    second = _print_run(folder, _print_plan(folder, order), order)
    edit(_letter(folder))
    assert _print_run(folder, _print_plan(folder, order), order).create_files().files
    edit(_letter(folder, PEOPLE[1]))
    plans = list[PrintPlan]()
    created_files = second.create_files(on_plan=plans.append).files
    assert [letter.letter.path for letter in second.plan.batches[0].letters] == [
        _letter(folder, PEOPLE[1])
    ]
    assert (len(created_files), plans) == (1, [second.plan])
    assert _print_run(folder, _print_plan(folder, order), order).create_files().files == []


@pytest.mark.usefixtures("no_libreoffice")
@pytest.mark.parametrize("with_errors", [False, True])
def test_a_print_run_uses_the_workbook_that_another_run_read_while_it_waited(
    tmp_path: Path,
    with_errors: bool,  # noqa: FBT001
) -> None:
    folder = _printed_campaign(tmp_path)
    run = _print_run(folder, _print_plan(folder))
    make(folder, PRINTED, Signers=[["Name"], ["Bo Berg"]])
    merge("letters", folder)
    if with_errors:
        edit(_letter(folder, PEOPLE[1]))
        make(folder, "Other words {{ recipient.name }}", Signers=[["Name"], ["Bo Berg"]])
    files = run.create_files().files
    assert (f"01 {PEOPLE[1]}.docx" in files) is not with_errors
    assert not any(PEOPLE[0] in name for name in files)
    assert run.plan.has_errors is with_errors
    assert bool(files) is not with_errors


@pytest.mark.usefixtures("no_libreoffice")
def test_a_print_run_creates_no_files_if_the_campaign_was_closed_while_it_waited(
    tmp_path: Path,
) -> None:
    folder = _printed_campaign(tmp_path)
    run = _print_run(folder, _print_plan(folder))
    assert merge("close", folder, "--yes").code == 0
    with pytest.raises(StorageError, match="closed"):
        run.create_files()
    assert not [*(folder / "print").glob("2*")]


@pytest.mark.slow
@pytest.mark.usefixtures("no_libreoffice")
def test_a_print_run_waits_for_another_run_before_it_creates_files(tmp_path: Path) -> None:
    folder = _printed_campaign(tmp_path)
    lock = FileLock(folder / LOCK)
    lock.acquire()
    files_while_waiting = []

    def end_the_other_run() -> None:
        files_while_waiting.append([*(folder / "print").rglob("*")])
        lock.release()

    plan = _print_plan(folder)
    files = _print_run(folder, plan).create_files(on_wait=end_the_other_run).files
    assert len(files) == 4
    assert files_while_waiting == [[]]
    assert run_print(folder, "--since-last").json["letters"] == 0
