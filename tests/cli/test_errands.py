"""Ctrl-C, at any instant: it ends soon, what is there is whole and known, and the last line helps.

How long it took stands in the report of `--junitxml FILE -o junit_family=xunit1`: seconds, and
seconds of the processor.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from support.campaigns import letters, make, merge
from support.everyday import SOAK, tries
from support.interrupted_runs import started, temporary
from support.printed_campaigns import made
from support.registers import table
from support.speed import slowness

from merge.campaign.task import Task
from merge.cli.terminal import TerminalTask
from merge.state.ledger import read_ledger

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


class _Terminal(io.StringIO):
    """What is written to a terminal."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


def test_what_lasts_shows_a_bar_with_a_rate_and_what_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    task = TerminalTask()
    task.start_step(200, "Letters read")
    task.advance(20)
    assert terminal.getvalue() == ""
    now = 102.0
    task.advance(20)
    task.finish()
    shown = terminal.getvalue()
    assert "Letters read" in shown
    assert "40/200" in shown
    assert "20 a second" in shown
    assert re.search(r"00:00:0\d", shown)


def test_what_is_over_in_a_blink_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    task: Task = TerminalTask()
    assert [*task.track(range(1000), "Letters read")] == [*range(1000)]
    assert terminal.getvalue() == ""


# LibreOffice, which takes its time


_SLEEPS = """#!{python}
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path({sign!r}).write_text(str(child.pid))
time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.parametrize("as_json", [False, True])
def test_ctrl_c_while_libreoffice_works_ends_it_and_says_how_to_go_on(
    tmp_path: Path, *, as_json: bool
) -> None:
    folder, programs, temp = made(tmp_path / "campaign"), tmp_path / "bin", tmp_path / "temporary"
    sign = tmp_path / "sign"
    programs.mkdir()
    temp.mkdir()
    (programs / "soffice").write_text(_SLEEPS.format(python=sys.executable, sign=str(sign)))
    (programs / "soffice").chmod(0o755)
    env = {"PATH": str(programs), "TMPDIR": str(temp)}
    words: list[str | Path] = [
        "print",
        folder,
        "--for",
        "Ana Ruiz",
        *(["--json"] if as_json else []),
    ]
    with started(*words, extra_env=env) as run:
        _wait_for(lambda: sign.exists() and sign.read_text(), run)
        run.send_signal(signal.SIGINT)
        asked = time.monotonic()
        out, err = run.communicate(timeout=30)
    assert time.monotonic() - asked < 5  # some tenths of a second where nothing else works
    assert (run.returncode, err) == (130, "")
    if as_json:
        assert json.loads(out) == {
            "letters": 0,
            "left_out": 0,
            "two_sided": False,
            "batches": [],
            "files": [],
            "problems": [],
            "stopped": True,
        }
    else:
        again = f"merge print {folder} --for 'Ana Ruiz'"
        assert out == f"Stopped. Nothing was created. To continue: {again}\n"
    _wait_for(lambda: _has_ended(int(sign.read_text())))
    assert [*temp.iterdir()] == []
    assert not (folder / "print").exists()


def _wait_for(until: Callable[[], object], run: subprocess.Popen[str] | None = None) -> None:
    end = time.monotonic() + 60
    while not until():
        assert time.monotonic() < end
        assert run is None or run.poll() is None
        time.sleep(0.01)


def _has_ended(process: int) -> bool:
    """Whether a process is gone, or only waits to be counted."""
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return listed.stdout.strip()[:1] in {"", "Z"}


# Hundreds of letters, two thousand in a soak, at any instant


_STOPS = tries(1, 4)
_SIGNERS, _RECIPIENTS = 200 if SOAK else 60, 10
_LINES = [
    "{{ recipient.name }}",
    "Dear {{ recipient.name }},",
    *["We ask you to release them."] * 9,
]


def _word(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}").title()


def _campaign(folder: Path, closing_line: str = "{{ signer.name }}") -> Path:
    signers = [["Name"], *([f"Signer {_word(n)}"] for n in range(_SIGNERS))]
    recipients = [["Name"], *([f"Minister {_word(n)}"] for n in range(_RECIPIENTS))]
    template = "\n".join((*_LINES, closing_line))
    return make(folder, template, Signers=signers, Recipients=recipients)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign of many letters, none made."""
    return _campaign(tmp_path_factory.mktemp("fresh") / "campaign")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, fresh: Path) -> Path:
    """The same, all made."""
    folder = tmp_path_factory.mktemp("done") / "campaign"
    shutil.copytree(fresh, folder)
    assert merge("letters", folder).code == 0
    return folder


@pytest.fixture(scope="module")
def outdated(tmp_path_factory: pytest.TempPathFactory, done: Path) -> Path:
    """The same, made from another template."""
    folder = tmp_path_factory.mktemp("outdated") / "campaign"
    shutil.copytree(done, folder)
    return _campaign(folder, "Yours, {{ signer.name }}")


_COMMANDS = {
    "letters": ("fresh", ["letters"]),
    "letters again": ("outdated", ["letters"]),
    "print": ("done", ["print", "--per-signer", "--envelopes", "C5"]),
    "print one file": ("done", ["print", "--one-file"]),
    "proofread": ("done", ["proofread"]),
    "delete-person": ("done", ["delete-person", f"Signer {_word(3)}", "--yes"]),
    "close": ("done", ["close", "--yes"]),
}


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("command", _COMMANDS)
def test_hundreds_of_letters_stop_soon_and_are_known(
    command: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")  # no LibreOffice
    start, words = _COMMANDS[command]
    source: Path = request.getfixturevalue(start)
    chance, stops = random.Random(), list[_Stop]()  # noqa: S311 - no secret
    lasted = 0.0
    for _ in range(_STOPS + 1):
        folder = tmp_path / "campaign"
        shutil.copytree(source, folder)
        begun, before = time.monotonic(), _used_by_ended()
        with started(*words, folder) as run:
            if lasted:
                time.sleep(chance.uniform(0.3, lasted))
                run.send_signal(signal.SIGINT)
            asked, used = time.monotonic(), _used_by(run.pid)
            out, err = run.communicate(timeout=120)
        ended = time.monotonic()
        if lasted:
            worked = _used_by_ended() - before - used if used else 0.0
            stops.append(_Stop(ended - asked, worked, worked / slowness()))
        lasted = lasted or ended - begun
        _check(command, folder, run.returncode, out, err)
        shutil.rmtree(folder)
    record_property("seconds", [[round(each, 2) for each in stop] for stop in stops])
    print(command, f"{lasted:.1f} s whole; stopped after", sorted(stops))  # noqa: T201
    assert max(stop.on_a_quiet_computer for stop in stops) < 1, sorted(stops)


class _Stop(NamedTuple):
    """How long a command worked on after the signal, in seconds.

    `worked` are those of the processor: others may be at work on this computer as well.
    """

    lasted: float
    worked: float
    on_a_quiet_computer: float


def _used_by(process: int) -> float:
    """The seconds of the processor that a process has used; none where it has ended."""
    listed = Path(f"/proc/{process}/stat")
    if not listed.exists():
        return 0.0
    _, _, fields = listed.read_text().rpartition(")")
    state, ticks = fields.split()[0], fields.split()[11:13]
    return 0.0 if state == "Z" else sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _used_by_ended() -> float:
    """The seconds of the processor that all processes have used that we began and that ended."""
    used = os.times()
    return used.children_user + used.children_system


def _check(command: str, folder: Path, code: int, out: str, err: str) -> None:
    """All is whole and known, and the next run finds nothing amiss."""
    assert "Traceback" not in err
    assert code in {0, 130, -signal.SIGINT, 1 if command == "delete-person" else 0}, err
    if code == 130:
        assert re.search(r"^Stopped", out or err, re.MULTILINE), out + err
    assert temporary(folder) == []
    if command == "close":
        assert merge("close", folder, "--yes").code == 0
        assert _there(folder) == set()
        return
    if command == "proofread" and code == 130:
        assert not [*folder.glob("print/*.xlsx")]
    there = _there(folder)
    with closing(read_ledger(folder / "letters")) as ledger:
        assert {known.path for known in ledger.letters()} >= there
    if there and command != "delete-person":
        rows = str([row["File"] for row in table(folder / "register.xlsx")])
        assert {*re.findall(r"letters/([^\"]+?\.docx)", rows)} == there
    if command == "delete-person":
        told = merge("delete-person", f"Signer {_word(3)}", folder, "--yes", "--json").json
        assert told["done"], told
        assert len(_there(folder)) == (_SIGNERS - 1) * _RECIPIENTS
        return
    told = merge("letters", folder, "--json").json
    assert told["written"] + told["unchanged"] == _SIGNERS * _RECIPIENTS, told["problems"]
    assert [p for p in told["problems"] if p["code"] != "column-unused"] == []
    if command.startswith("print"):
        kept = {letter for batch in _batches(folder) for letter in batch}
        left = merge("print", folder, "--since-last", "--dry-run", "--json").json["letters"]
        assert left == _SIGNERS * _RECIPIENTS - len(kept)


def _there(folder: Path) -> set[str]:
    """The letters that are there."""
    return set(letters(folder)) if (folder / "letters").is_dir() else set()


def _batches(folder: Path) -> list[list[str]]:
    """The letters that the register has in batches whose files are there."""
    rows = [row for row in table(folder / "register.xlsx") if row.get("Batch")]
    if rows:
        assert [*folder.glob("print/2*/*.docx")]
    return [[str(row["ID"])] for row in rows]
