"""A run that is killed at any instant: nothing broken, nothing lost, and the next one completes it.

What each kill hit stands in the report of `--junitxml FILE -o junit_family=xunit1`.
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
_SIGNS = ("", "letters/.merge-ledger-journal", f"letters/{UNWANTED}", f".merge-{REGISTER}.tmp")
"""What is there when a run has come to its start, its letters, its moves, its register."""


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> EditedCampaign:
    return make_edited_campaign(
        tmp_path_factory.mktemp("worked"), *((40, 40) if SOAK else (20, 20))
    )


@pytest.fixture(scope="module")
def stretches(worked: EditedCampaign, tmp_path_factory: pytest.TempPathFactory) -> list[float]:
    """Seconds that each part of a run lasts."""
    folder = worked.copy(tmp_path_factory.mktemp("measured") / "campaign")
    with started("letters", folder) as run:
        times = [_wait_for(folder / sign, run) for sign in _SIGNS]
        run.communicate()
        times.append(time.monotonic())
    assert run.returncode == 0
    return [after - before for before, after in pairwise(times)]


def _wait_for(sign: Path, run: subprocess.Popen[str]) -> float:
    while not sign.exists() and run.poll() is None:
        time.sleep(0.0005)
    return time.monotonic()


@pytest.mark.soak
@pytest.mark.parametrize(("number", "which"), _KILLS)
def test_a_run_that_is_stopped_leaves_whole_letters_and_the_next_completes_it(  # noqa: PLR0917
    worked: EditedCampaign,
    stretches: list[float],
    tmp_path: Path,
    number: signal.Signals,
    which: int,
    record_property: Callable[[str, object], None],
) -> None:
    folder = worked.copy(tmp_path / "campaign")
    part = which % len(_SIGNS)
    instant = random.uniform(0, stretches[part])  # noqa: S311 - no secret
    with started("letters", folder) as run:
        _wait_for(folder / _SIGNS[part], run)
        time.sleep(instant)
        run.send_signal(number)
        out, err = run.communicate(timeout=60)
    record_property("hit", f"{number.name} {_hit(worked, folder, run.returncode)}")
    print(f"in part {part} after {instant:.4f} s\n{out}{err}")  # noqa: T201 - where a check fails
    _check_end(number, run.returncode, out, err)
    if number == signal.SIGINT and run.returncode != 0 and "Stopped" not in out + err:
        assert files(folder) == worked.before
    worked.check_stopped(folder)
    worked.check_finished(folder)
    shutil.rmtree(folder)  # hundreds of them fill a disk


def _check_end(number: signal.Signals, code: int, out: str, err: str) -> None:
    python_starts = "Traceback" in err and number == signal.SIGINT and "merge/cli" not in err
    assert "Traceback" not in err or python_starts, err  # nobody can hold Python back yet
    if number == signal.SIGINT and code != 0 and not python_starts and (out or err):
        assert code in {130, -number}
        assert (out or err).strip().splitlines()[-1].startswith("Stopped")


def _hit(worked: EditedCampaign, folder: Path, code: int) -> str:
    """How far the run had come, by what lies there."""
    found = files(folder)
    if code == 0:
        return "at its end"
    if found == worked.before:
        return "before the first letter"
    if any(path.startswith(UNWANTED) for path in found):
        moved = {path for path in worked.after if path.startswith(UNWANTED)} <= set(found)
        draft = (folder / f".merge-{REGISTER}.tmp").exists()
        return "saving the register" if draft else "at the register" if moved else "moving"
    return "writing letters"


@pytest.mark.soak
@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_letters_that_are_rewritten_and_moved_are_whole_whenever_the_run_is_killed(
    tmp_path: Path, *, links: bool
) -> None:
    """Before some change of a file: a letter made anew, one of a corrected name, one unwanted."""
    rows = {
        "Signers": [["Name", "City"], ["Ana Ruiz", "Lima"], ["Bo Berg", "Oslo"], ["Eva", "Brno"]],
        "Recipients": [["Name"], ["Minister Li"]],
    }
    worked, done = make(tmp_path / "worked", "{{ signer.name }} asks", **rows), tmp_path / "done"
    staff_actions.ran(worked)
    edited = staff_actions.add_line(worked / "letters" / "Eva" / "Minister Li.docx", "We met.")
    rows["Signers"] = [["Name", "City"], ["Anna Ruiz", "Lima"], ["Eva", "Brno"]]
    make(worked, "{{ signer.name }} asks again", **rows)
    for after in instants(200):
        folder = tmp_path / "campaign"
        shutil.copytree(worked, folder)
        killed = staff_actions.run_until_killed(folder, after, links=links)
        assert edited in {path.read_bytes() for path in folder.rglob("*.docx")}, after
        if not done.exists():
            shutil.copytree(worked, done)
            staff_actions.ran(done)
        staff_actions.ran(folder)
        assert files(folder) == files(done), after
        assert temporary(folder) == [], after
        staff_actions.assert_up_to_date(folder)
        shutil.rmtree(folder)
        if not killed:
            break
    assert not killed
    assert after > 20
