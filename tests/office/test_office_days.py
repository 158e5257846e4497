"""Random office days: nothing is lost, unreported, misprinted or blocked."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip(
        "processes are held, killed and kept from links as Linux does it", allow_module_level=True
    )

from office.days import DayRunner
from office.program import Conditions, Program
from support.everyday import seeds


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    with Program() as loaded:
        yield loaded


def _spend(program: Program, folder: Path, day: int) -> None:
    report = DayRunner(program, folder).day(day)
    command = f"python -m tests.office --seed {day} --shrink"
    assert not report.promise, "\n".join([*report.log, report.what, command])


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("day", seeds(20, 100))
def test_a_random_office_day_breaks_no_promise(program: Program, tmp_path: Path, day: int) -> None:
    _spend(program, tmp_path, day)


@pytest.mark.slow
def test_an_office_day_can_hold_a_command_at_an_instant_and_kill_another(
    program: Program, tmp_path: Path
) -> None:
    held = program.start(tmp_path, ["new", "campaign"], Conditions(stop_at=20))
    assert held.wait() is None
    assert held.stopped_before
    held.go_on()
    ended = held.wait()
    assert ended
    assert (ended.code, (tmp_path / "campaign" / "signers.xlsx").exists()) == (0, True)
    killed = program.start(tmp_path, ["check", "campaign"], Conditions(kill_at=20)).wait()
    assert killed
    assert killed.code == -9
