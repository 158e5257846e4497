"""The program as a user starts it: `python -m merge …`, each in a process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from documents import SHIPPED
from openpyxl import Workbook
from people import Person, recipients, signers
from races import Runner

MERGE = (sys.executable, "-m", "merge")
_SCRIPT = Path(__file__).with_name("measured.py")
_ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
"""Environment without PYTHONDONTWRITEBYTECODE.

With it, Python would compile every module at each start, as no user's program does.
"""

_BARE_FILES = 2_000


@dataclass(frozen=True, slots=True)
class Measured:
    """One process: its seconds, its peak memory in MiB, its processor time."""

    seconds: float
    peak: float
    cpu: float


@dataclass(frozen=True, slots=True)
class BoundedFigure:
    """A figure and its limit, in one unit."""

    what: str
    value: float
    bound: float
    unit: str = "s"

    def __str__(self) -> str:
        held = "held" if self.value <= self.bound else "NOT HELD"
        return f"{self.what:<58} {self.value:8.3f} {self.unit:<3} of {self.bound:g} {held}"


@dataclass(frozen=True, slots=True)
class CommandRound:
    """One round of `merge letters`, docxtpl's loop and the bare disk."""

    letters: int
    first: Measured
    again: Measured
    docxtpl: float
    bare: float

    @property
    def rate(self) -> float:
        """Letters a second, with the start of Python."""
        return self.letters / self.first.seconds


@dataclass(frozen=True, slots=True)
class SizeRound:
    """The measurement of one size of campaign."""

    signers: int
    recipients: int
    run: Measured
    bare: float

    @property
    def letters(self) -> int:
        """Number of letters: every signer to every recipient."""
        return self.signers * self.recipients


@dataclass(frozen=True, slots=True)
class StartTimes:
    """Seconds of `merge --help` and of `import click`, for each round."""

    help: tuple[float, ...]
    click: tuple[float, ...]


def campaign(root: Path, senders: int, readers: int) -> Path:
    """Make a new campaign folder: an invented workbook, the shipped template."""
    folder = Path(tempfile.mkdtemp(prefix="campaign-", dir=root))
    (folder / "templates").mkdir()
    shutil.copy(SHIPPED, folder / "templates")
    book = Workbook(write_only=True)
    for title, people in (("Signers", signers(senders)), ("Recipients", recipients(readers))):
        _fill_sheet(book.create_sheet(title), people)
    book.save(folder / "signers.xlsx")
    return folder


def _fill_sheet(sheet: object, people: Sequence[Person]) -> None:
    sheet.append([name.capitalize() for name in people[0]])
    for person in people:
        sheet.append([text or None for text in person.values()])


def run_letters(folder: Path, expected: int) -> Measured:
    """Run `merge letters` on the folder; exit if any letter is missing."""
    measured = run(*MERGE, "letters", str(folder))
    count_on_disk = sum(1 for _ in (folder / "letters").rglob("*.docx"))
    if count_on_disk != expected:
        raise SystemExit(f"merge letters made {count_on_disk} letters, not {expected}: {folder}")
    return measured


def run(*command: str) -> Measured:
    """Run a command that must succeed."""
    measuring_command = [sys.executable, str(_SCRIPT), *command]
    process = subprocess.run(
        measuring_command, capture_output=True, text=True, check=True, env=_ENVIRONMENT
    )
    values = json.loads(process.stdout)
    if values["code"]:
        raise SystemExit(f"{' '.join(command)} ended with {values['code']}: {process.stderr}")
    return Measured(values["seconds"], values["peak"] / (1 << 20), values["cpu"])


def run_command_round(
    root: Path, people: tuple[int, int], docxtpl: Runner, bare: Runner
) -> CommandRound:
    """Run one round: the bare disk, docxtpl's loop, the command twice."""
    count = people[0] * people[1]
    loop = 150
    other_rates = (loop / docxtpl.run(loop), _BARE_FILES / bare.run(_BARE_FILES))
    folder = campaign(root, *people)
    return CommandRound(count, run_letters(folder, count), run_letters(folder, count), *other_rates)


def run_size(root: Path, people: tuple[int, int], bare: Runner) -> SizeRound:
    """Run the command on a campaign of that many signers and recipients."""
    rate = _BARE_FILES / bare.run(_BARE_FILES)
    folder = campaign(root, *people)
    return SizeRound(*people, run_letters(folder, people[0] * people[1]), rate)


def run_start(rounds: int) -> StartTimes:
    """Run `merge --help` and `import click` in turns."""
    help_seconds, click_seconds = [], []
    for _ in range(rounds):
        click_seconds.append(run(sys.executable, "-c", "import click").seconds)
        help_seconds.append(run(*MERGE, "--help").seconds)
    return StartTimes(tuple(help_seconds), tuple(click_seconds))
