"""The whole program as a user starts it: `python -m merge …`, each run a process of its own."""

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
"""Where that is set, Python compiles every module anew at each start: nobody's program does."""

_BARE_FILES = 2_000


@dataclass(frozen=True, slots=True)
class Measured:
    """One process: its seconds, the most memory it held, in MiB, the seconds of a processor."""

    seconds: float
    peak: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Bounded:
    """A figure and what it must not pass, in one unit."""

    what: str
    value: float
    bound: float
    unit: str = "s"

    def __str__(self) -> str:
        held = "held" if self.value <= self.bound else "NOT HELD"
        return f"{self.what:<58} {self.value:8.3f} {self.unit:<3} of {self.bound:g} {held}"


@dataclass(frozen=True, slots=True)
class Errand:
    """`merge letters` in one round, with what docxtpl and the bare disk did beside it."""

    letters: int
    first: Measured
    again: Measured
    docxtpl: float
    bare: float

    @property
    def rate(self) -> float:
        """Letters a second, start of Python and all."""
        return self.letters / self.first.seconds


@dataclass(frozen=True, slots=True)
class Size:
    """How one size of campaign went."""

    signers: int
    recipients: int
    run: Measured
    bare: float

    @property
    def letters(self) -> int:
        """Every signer to every recipient."""
        return self.signers * self.recipients


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds until `merge --help` is done, and until `import click` is, round by round."""

    help: tuple[float, ...]
    click: tuple[float, ...]


def campaign(root: Path, senders: int, readers: int) -> Path:
    """A new campaign folder: an invented workbook, the shipped template."""
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
    """`merge letters` on the folder; the benchmark stops where not every letter is there."""
    done = run(*MERGE, "letters", str(folder))
    there = sum(1 for _ in (folder / "letters").rglob("*.docx"))
    if there != expected:
        raise SystemExit(f"merge letters made {there} letters, not {expected}: {folder}")
    return done


def run(*command: str) -> Measured:
    """A command that must succeed."""
    started = [sys.executable, str(_SCRIPT), *command]
    done = subprocess.run(started, capture_output=True, text=True, check=True, env=_ENVIRONMENT)
    told = json.loads(done.stdout)
    if told["code"]:
        raise SystemExit(f"{' '.join(command)} ended with {told['code']}: {done.stderr}")
    return Measured(told["seconds"], told["peak"] / (1 << 20), told["cpu"])


def run_errand(root: Path, people: tuple[int, int], docxtpl: Runner, bare: Runner) -> Errand:
    """One round: the bare disk, docxtpl's loop, the command on a new folder, the command again."""
    count = people[0] * people[1]
    loop = 150
    beside = (loop / docxtpl.run(loop), _BARE_FILES / bare.run(_BARE_FILES))
    folder = campaign(root, *people)
    return Errand(count, run_letters(folder, count), run_letters(folder, count), *beside)


def run_size(root: Path, people: tuple[int, int], bare: Runner) -> Size:
    """The command on a campaign of that many signers and recipients."""
    rate = _BARE_FILES / bare.run(_BARE_FILES)
    folder = campaign(root, *people)
    return Size(*people, run_letters(folder, people[0] * people[1]), rate)


def run_start(rounds: int) -> Start:
    """`merge --help` and `import click`, turn by turn."""
    helped, clicked = [], []
    for _ in range(rounds):
        clicked.append(run(sys.executable, "-c", "import click").seconds)
        helped.append(run(*MERGE, "--help").seconds)
    return Start(tuple(helped), tuple(clicked))
