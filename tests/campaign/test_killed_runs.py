"""Runs that are killed at any instant: no letter is lost or incomplete.

The next run completes the work. To see what each kill hit, use
`--junitxml FILE -o junit_family=xunit1`.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import make
from support.everyday import SOAK, instants, tries
from support.interrupted_runs import (
    REGISTER,
    UNWANTED,
    EditedCampaign,
    files,
    make_edited_campaign,
    started,
    temporary,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals"),
]

_SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
_KILLS = [
    pytest.param(number, which, id=f"{number.name}-{which}")
    for number, often in zip(_SIGNALS, (tries(4, 24), tries(2, 8), tries(2, 8)), strict=True)
    for which in range(often)
]
_PART_FILES = ("", "letters/.merge-ledger-journal", f"letters/{UNWANTED}", f".merge-{REGISTER}.tmp")
"""The files whose appearance shows that a run has reached its next part."""


@pytest.fixture(scope="module")
def edited_campaign(tmp_path_factory: pytest.TempPathFactory) -> EditedCampaign:
    return make_edited_campaign(
        tmp_path_factory.mktemp("worked"), *((40, 40) if SOAK else (20, 20))
    )


@pytest.fixture(scope="module")
def part_durations(
    edited_campaign: EditedCampaign, tmp_path_factory: pytest.TempPathFactory
) -> list[float]:
    """Return the seconds that each part of a run takes."""
    folder = edited_campaign.copy(tmp_path_factory.mktemp("measured") / "campaign")
    with started("letters", folder) as run:
        times = [_wait_for_file(folder / path, run) for path in _PART_FILES]
        run.communicate()
        times.append(time.monotonic())
    assert run.returncode == 0
    return [after - before for before, after in pairwise(times)]


def _wait_for_file(path: Path, run: subprocess.Popen[str]) -> float:
    while not path.exists() and run.poll() is None:
        time.sleep(0.0005)
    return time.monotonic()


@pytest.mark.soak
@pytest.mark.parametrize(("number", "which"), _KILLS)
def test_a_killed_run_leaves_complete_letters_and_the_next_completes_it(  # noqa: PLR0917
    edited_campaign: EditedCampaign,
    part_durations: list[float],
    tmp_path: Path,
    number: signal.Signals,
    which: int,
    record_property: Callable[[str, object], None],
) -> None:
    folder = edited_campaign.copy(tmp_path / "campaign")
    part = which % len(_PART_FILES)
    instant = random.uniform(0, part_durations[part])  # noqa: S311 - no secret
    with started("letters", folder) as run:
        _wait_for_file(folder / _PART_FILES[part], run)
        time.sleep(instant)
        run.send_signal(number)
        out, err = run.communicate(timeout=60)
    record_property(
        "hit", f"{number.name} {_progress_at_kill(edited_campaign, folder, run.returncode)}"
    )
    print(f"in part {part} after {instant:.4f} s\n{out}{err}")  # noqa: T201 - shown if a check fails
    _check_end(number, run.returncode, out, err)
    if number == signal.SIGINT and run.returncode != 0 and "Stopped" not in out + err:
        assert files(folder) == edited_campaign.before
    edited_campaign.check_stopped(folder)
    edited_campaign.check_finished(folder)
    shutil.rmtree(folder)  # hundreds of folders fill a disk


def _check_end(number: signal.Signals, code: int, out: str, err: str) -> None:
    python_starts = "Traceback" in err and number == signal.SIGINT and "merge/cli" not in err
    assert "Traceback" not in err or python_starts, err  # too early for the program to catch it
    if number == signal.SIGINT and code != 0 and not python_starts and (out or err):
        assert code in {130, -number}
        assert (out or err).strip().splitlines()[-1].startswith("Stopped")


def _progress_at_kill(edited_campaign: EditedCampaign, folder: Path, code: int) -> str:
    """Return the part that the run had reached, judged by its files."""
    existing = files(folder)
    if code == 0:
        return "at its end"
    if existing == edited_campaign.before:
        return "before the first letter"
    if any(path.startswith(UNWANTED) for path in existing):
        moved = {path for path in edited_campaign.after if path.startswith(UNWANTED)} <= set(
            existing
        )
        draft = (folder / f".merge-{REGISTER}.tmp").exists()
        return "saving the register" if draft else "at the register" if moved else "moving"
    return "writing letters"


@pytest.mark.soak
@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_a_killed_run_leaves_updated_and_moved_letters_complete(
    tmp_path: Path, *, links: bool
) -> None:
    """One letter is updated, one is of a corrected name, one is an orphan."""
    rows = {
        "Signers": [["Name", "City"], ["Ana Ruiz", "Lima"], ["Bo Berg", "Oslo"], ["Eva", "Brno"]],
        "Recipients": [["Name"], ["Minister Li"]],
    }
    source = make(tmp_path / "source", "{{ signer.name }} asks", **rows)
    completed = tmp_path / "completed"
    staff_actions.ran(source)
    edited = staff_actions.add_line(source / "letters" / "Eva" / "Minister Li.docx", "We met.")
    rows["Signers"] = [["Name", "City"], ["Anna Ruiz", "Lima"], ["Eva", "Brno"]]
    make(source, "{{ signer.name }} asks again", **rows)
    for after in instants(200):
        folder = tmp_path / "campaign"
        shutil.copytree(source, folder)
        killed = staff_actions.run_until_killed(folder, after, links=links)
        assert edited in {path.read_bytes() for path in folder.rglob("*.docx")}, after
        if not completed.exists():
            shutil.copytree(source, completed)
            staff_actions.ran(completed)
        staff_actions.ran(folder)
        assert files(folder) == files(completed), after
        assert temporary(folder) == [], after
        staff_actions.assert_up_to_date(folder)
        shutil.rmtree(folder)
        if not killed:
            break
    assert not killed
    assert after > 20
