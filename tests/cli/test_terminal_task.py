"""Progress in the terminal, and Ctrl-C at any moment.

A stopped command ends soon. All files are complete and known, and the last line says how to
continue. The report of `--junitxml FILE -o junit_family=xunit1` has the times: seconds, and seconds
of the processor.
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
from support.printed_campaigns import make_six_letters
from support.registers import table
from support.speed import slowness

from merge.campaign.task import Task
from merge.cli.terminal import TerminalTask
from merge.state.ledger import read_ledger

pytestmark = pytest.mark.posix("POSIX signals")


class _Terminal(io.StringIO):
    """A stream that collects what is written to a terminal."""

    def isatty(self) -> bool:
        """Return True, as a terminal does."""
        return True


def test_a_long_step_shows_a_bar_with_the_rate_and_the_remaining_time(
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
    output = terminal.getvalue()
    assert "Letters read" in output
    assert "40/200" in output
    assert "20 a second" in output
    assert re.search(r"00:00:0\d", output)


def test_a_short_step_shows_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    task: Task = TerminalTask()
    assert [*task.track(range(1000), "Letters read")] == [*range(1000)]
    assert terminal.getvalue() == ""


# LibreOffice, which is slow


_SLEEPS = """#!{python}
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path({sign!r}).write_text(str(child.pid))
time.sleep(600)
"""


@pytest.mark.slow
@pytest.mark.parametrize("as_json", [False, True])
def test_ctrl_c_while_libreoffice_works_ends_it_and_says_how_to_continue(
    tmp_path: Path, *, as_json: bool
) -> None:
    folder, programs, temp = (
        make_six_letters(tmp_path / "campaign"),
        tmp_path / "bin",
        tmp_path / "temporary",
    )
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
    assert time.monotonic() - asked < 5  # some tenths of a second on a quiet computer
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
    """Return whether a process is gone or a zombie."""
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
    )
    return listed.stdout.strip()[:1] in {"", "Z"}


# Hundreds of letters, two thousand in a soak, stopped at any moment


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
    """A campaign of many letters, none of them created."""
    return _campaign(tmp_path_factory.mktemp("fresh") / "campaign")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, fresh: Path) -> Path:
    """The same campaign with all letters created."""
    folder = tmp_path_factory.mktemp("done") / "campaign"
    shutil.copytree(fresh, folder)
    assert merge("letters", folder).code == 0
    return folder


@pytest.fixture(scope="module")
def outdated(tmp_path_factory: pytest.TempPathFactory, done: Path) -> Path:
    """The same campaign after its template was changed."""
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
def test_a_command_on_hundreds_of_letters_stops_soon_and_knows_all_files(
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
    duration = 0.0
    for number in range(_STOPS + 1):
        folder = tmp_path / f"campaign {number}"
        shutil.copytree(source, folder)
        start_time, used_before = time.monotonic(), _used_by_ended()
        with started(*words, folder) as run:
            if duration:
                time.sleep(chance.uniform(0.3, duration))
                run.send_signal(signal.SIGINT)
            stop_time, used_by_run = time.monotonic(), _used_by(run.pid)
            out, err = run.communicate(timeout=120)
        end_time = time.monotonic()
        if duration:
            processor_time = _used_by_ended() - used_before - used_by_run if used_by_run else 0.0
            stops.append(_Stop(end_time - stop_time, processor_time, processor_time / slowness()))
        duration = duration or end_time - start_time
        _check(command, folder, run.returncode, out, err)
        shutil.rmtree(folder)
    record_property("seconds", [[round(seconds, 2) for seconds in stop] for stop in stops])
    print(command, f"{duration:.1f} s whole; stopped after", sorted(stops))  # noqa: T201
    assert max(stop.on_a_quiet_computer for stop in stops) < 1, sorted(stops)


class _Stop(NamedTuple):
    """The time in seconds for which a command continued after the signal.

    `worked` counts processor time, because other programs may be running as well.
    """

    lasted: float
    worked: float
    on_a_quiet_computer: float


def _used_by(process: int) -> float:
    """Return the processor seconds of a running process; 0 if it has ended."""
    statistics = Path(f"/proc/{process}/stat")
    if not statistics.exists():
        return 0.0
    _, _, fields = statistics.read_text().rpartition(")")
    state, ticks = fields.split()[0], fields.split()[11:13]
    return 0.0 if state == "Z" else sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def _used_by_ended() -> float:
    """Return the processor seconds of all child processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _check(command: str, folder: Path, code: int, out: str, err: str) -> None:
    """Check that all files are complete and known, also by the next run."""
    assert "Traceback" not in err
    assert code in {0, 130, -signal.SIGINT, 1 if command == "delete-person" else 0}, err
    if code == 130:
        assert re.search(r"^Stopped", out or err, re.MULTILINE), out + err
    assert temporary(folder) == []
    if command == "close":
        assert merge("close", folder, "--yes").code == 0
        assert _existing_letters(folder) == set()
        return
    if command == "proofread" and code == 130:
        assert not [*folder.glob("print/*.xlsx")]
    files = _existing_letters(folder)
    with closing(read_ledger(folder / "letters")) as ledger:
        assert {known.path for known in ledger.letters()} >= files
    if files and command != "delete-person":
        rows = str([row["File"] for row in table(folder / "register.xlsx")])
        assert {*re.findall(r"letters/([^\"]+?\.docx)", rows)} == files
    if command == "delete-person":
        result = merge("delete-person", f"Signer {_word(3)}", folder, "--yes", "--json").json
        assert result["done"], result
        assert len(_existing_letters(folder)) == (_SIGNERS - 1) * _RECIPIENTS
        return
    result = merge("letters", folder, "--json").json
    assert result["written"] + result["unchanged"] == _SIGNERS * _RECIPIENTS, result["problems"]
    assert [p for p in result["problems"] if p["code"] != "column-unused"] == []
    if command.startswith("print"):
        printed = {letter for batch in _batches(folder) for letter in batch}
        remaining = merge("print", folder, "--since-last", "--dry-run", "--json").json["letters"]
        assert remaining == _SIGNERS * _RECIPIENTS - len(printed)


def _existing_letters(folder: Path) -> set[str]:
    """Return the letters that exist."""
    return set(letters(folder)) if (folder / "letters").is_dir() else set()


def _batches(folder: Path) -> list[list[str]]:
    """Return the letters that the register has in existing print files."""
    rows = [row for row in table(folder / "register.xlsx") if row.get("Print file")]
    if rows:
        assert [*folder.glob("print/2*/*.docx")]
    return [[str(row["ID"])] for row in rows]
