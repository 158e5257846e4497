"""Runs that are killed at any instant: no letter is lost or incomplete.

The next run completes the work. To see what each kill hit, use
`--junitxml FILE -o junit_family=xunit1`.
"""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from support import staff_actions
from support.campaigns import letters, make, text
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

from merge.computer import draft_name
from merge.product import RECORDS_FOLDER

pytestmark = pytest.mark.slow

_ROY = "Ana Ruiz/Consul Roy.docx"
_NEWER = "Hello {{ recipient.name }}\n{{ signer.name }}"
_SIGNALS = (getattr(signal, "SIGKILL", signal.SIGTERM), signal.SIGTERM, signal.SIGINT)
_KILLS = [
    pytest.param(number, which, id=f"{number.name}-{which}")
    for number, often in zip(_SIGNALS, (tries(4, 24), tries(2, 8), tries(2, 8)), strict=True)
    for which in range(often)
]


def _part_files() -> tuple[str, ...]:
    """Return the files whose appearance shows that a run is at its next part."""
    return (
        "",
        RECORDS_FOLDER,
        f"letters/{UNWANTED}",
        draft_name(REGISTER),
    )


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
        times = [_wait_for_file(folder / path, run) for path in _part_files()]
        run.communicate()
        times.append(time.monotonic())
    assert run.returncode == 0
    return [after - before for before, after in pairwise(times)]


def _wait_for_file(path: Path, run: subprocess.Popen[str]) -> float:
    while not path.exists() and run.poll() is None:
        time.sleep(0.0005)
    return time.monotonic()


@pytest.mark.posix("POSIX signals")
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
    part_files = _part_files()
    part = which % len(part_files)
    instant = random.uniform(0, part_durations[part])  # noqa: S311 - no secret
    with started("letters", folder) as run:
        _wait_for_file(folder / part_files[part], run)
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
        draft = (folder / draft_name(REGISTER)).exists()
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
    staff_actions.run_letters(source)
    edited = staff_actions.add_line(source / "letters" / "Eva" / "Minister Li.docx", "We met.")
    rows["Signers"] = [["Name", "City"], ["Anna Ruiz", "Lima"], ["Eva", "Brno"]]
    make(source, "{{ signer.name }} asks again", **rows)
    for after in instants(200):
        folder = tmp_path / f"campaign {after}"  # what the program knows stays on the computer
        shutil.copytree(source, folder)
        killed = staff_actions.run_until_killed(folder, after, links=links)
        assert edited in {path.read_bytes() for path in folder.rglob("*.docx")}, after
        if not completed.exists():
            shutil.copytree(source, completed)
            staff_actions.run_letters(completed)
        staff_actions.run_letters(folder)
        assert files(folder) == files(completed), after
        assert temporary(folder) == [], after
        staff_actions.assert_up_to_date(folder)
        shutil.rmtree(folder)
        if not killed:
            break
    assert not killed
    assert after > 20


@pytest.mark.parametrize("work", ["new", "rewritten", "renamed", "unwanted", "again"])
@pytest.mark.soak
def test_a_run_after_a_kill_at_any_moment_completes_all_letters(tmp_path: Path, work: str) -> None:
    """The next run completes the letters, loses no edit and leaves no file."""
    signers = [["Name", "Town"], ["Ana Ruiz", "Lima"], ["Bo Berg", "Oslo"]]
    for moment in instants(120):
        folder = make(tmp_path / str(moment), Signers=signers)
        edited = b""
        if work != "new":
            staff_actions.run_letters(folder)
            edited = staff_actions.add_line(folder / "letters" / _ROY, "We met.")
        if work == "rewritten":
            make(folder, _NEWER, Signers=signers)
        elif work == "renamed":
            make(folder, Signers=[signers[0], ["Dr Ana Ruiz", "Lima"], signers[2]])
        elif work == "unwanted":
            make(folder, Signers=[signers[0], signers[2]])
        options = ["--replace", "Ana Ruiz", "--yes"] if work == "again" else []
        completed = not staff_actions.run_until_killed(folder, moment, *options)
        contents = [path.read_bytes() for path in letters(folder).values()]
        assert not edited or edited in contents
        states = staff_actions.states(folder)
        assert len(states) == (2 if work == "unwanted" else 4)
        assert set(states.values()) <= {"new", "rewritten", "unchanged", "edited", "edited-changed"}
        assert not edited or edited in [path.read_bytes() for path in letters(folder).values()]
        assert not any(name.endswith(".tmp") for name in letters(folder))
        staff_actions.assert_up_to_date(folder)
        _check_letters(folder, states, edited)
        if completed:
            return
    pytest.fail("the run was killed in every try")


def _check_letters(folder: Path, states: dict[str, str], edited: bytes) -> None:
    """Assert that every letter has its pair's names, and only one file."""
    for path in states:
        letter = folder / "letters" / path
        if letter.read_bytes() != edited:
            signer, recipient = path.removesuffix(".docx").split("/")
            lines = text(letter)
            assert lines[-1] == signer
            assert recipient in lines[0]
    ids = [
        staff_actions.id_in(p) for name, p in letters(folder).items() if "Old versions" not in name
    ]
    assert len(ids) == len(set(ids)) == 4
