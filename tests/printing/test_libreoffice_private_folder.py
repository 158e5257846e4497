"""Copies of letters in the temporary folder are always removed.

A killed run's copies are removed by the next run.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import pytest
from support.campaigns import ROOT, letters, make, merge, text
from support.everyday import everyday
from support.interrupted_runs import started
from support.office_programs import needs_libreoffice

from merge.printing.libreoffice import private_folder
from merge.state.letter_folder import LOCK_FILE

SIGHUP = getattr(signal, "SIGHUP", signal.SIGTERM)
pytestmark = pytest.mark.posix("POSIX signals")

FIRST = ("Ana", "Bo", "Chidi", "Dariya", "Emeka", "Farah", "Goran", "Hina", "Ines", "Jomo")
LAST = ("Ruiz", "Berg", "Obi", "Melnyk", "Haddad", "Novak", "Khan", "Silva", "Tran", "Otieno")
PEOPLE = [["Name"], *([f"{first} {last}"] for first in FIRST for last in LAST)]
HOLDS = """
import time
from merge.printing.libreoffice import private_folder
with private_folder() as work:
    (work / "00001.docx").write_bytes(b"Ana Ruiz")
    print(work, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the temporary folder of this test and of all its processes."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    """Return a folder with two hundred letters, which take a while.

    None has space for a signature, so no warning is printed when all were counted.
    """
    letter = "Dear {{ recipient.name }},\nI, {{ signer.name }}, write to you."
    folder = make(tmp_path / "campaign", letter, Signers=PEOPLE)
    assert merge("letters", folder).code == 0
    return folder


def wait(until: Callable[[], object], run: subprocess.Popen[str] | None = None) -> None:
    """Wait for a condition.

    Fail if the run ends before, or the condition is not true within a minute.
    """
    end = time.monotonic() + 60
    while not until():
        assert time.monotonic() < end
        assert run is None or run.poll() is None
        time.sleep(0.01)


def at_work(temporary: Path) -> bool:
    """Return whether LibreOffice has made some PDFs, but not all."""
    return 0 < len([path for path in remaining(temporary) if path.suffix == ".pdf"]) < 100


def running(temporary: Path) -> list[str]:
    """Return the processes that have the temporary folder in their command."""
    processes = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, check=True)
    return [line for line in processes.stdout.decode().splitlines() if str(temporary) in line]


def remaining(temporary: Path) -> list[Path]:
    """Return everything in the temporary folder, which may change meanwhile."""
    walked = os.walk(temporary)
    return [Path(folder, name) for folder, *names in walked for name in chain(*names)]


def default_signal(number: signal.Signals) -> Callable[[], object]:
    """Return a function that sets a signal to the system's default."""
    return lambda: signal.signal(number, signal.SIG_DFL)


@needs_libreoffice
@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "times"), [(signal.SIGINT, 1), (signal.SIGTERM, 1), (SIGHUP, 3)]
)
def test_an_ended_print_removes_its_copies_and_ends_libreoffice(
    number: signal.Signals, times: int, campaign: Path, temporary: Path
) -> None:
    with started("print", campaign, preexec_fn=default_signal(number)) as run:
        wait(lambda: at_work(temporary), run)
        for _ in range(times):
            run.send_signal(number)
            time.sleep(0.02)
        out, err = run.communicate(timeout=30)
    assert (run.returncode, err) == (130, "")
    assert out.splitlines()[-1].startswith("Stopped. Nothing was created. To continue: merge ")
    assert remaining(temporary) == []
    wait(lambda: running(temporary) == [])
    assert not [path for path in remaining(campaign / "print") if path.name != LOCK_FILE]


@needs_libreoffice
@pytest.mark.slow
def test_closing_the_window_removes_the_copies_and_ends_libreoffice(
    campaign: Path, temporary: Path
) -> None:
    import pty

    # Fifteen times as many letters, because a thousand may be counted before progress is shown.
    recipients = [["Name", "Country"], *([f"Minister {n}", "Chile"] for n in range(15))]
    make(campaign, Signers=PEOPLE, Recipients=recipients)
    assert merge("letters", campaign).code == 0
    window, end = pty.openpty()
    shown = bytearray()

    def counting() -> bool:
        """Return whether the window shows the progress, which takes a while."""
        if select.select([window], [], [], 0)[0]:
            shown.extend(os.read(window, 1000))
        return b"Counting pages" in shown

    command = [sys.executable, "-c", IN_A_WINDOW, str(campaign)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command,
        stdin=end,
        stdout=end,
        stderr=end,
        env=environment,
        start_new_session=True,
        text=True,
    ) as run:
        os.close(end)
        wait(lambda: at_work(temporary), run)
        wait(counting, run)
        os.close(window)
        assert run.wait(30) == 130
    assert remaining(temporary) == []
    wait(lambda: running(temporary) == [])


IN_A_WINDOW = """
import fcntl, signal, sys, termios
from merge.cli import main
signal.signal(signal.SIGHUP, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY)
sys.exit(main(["print", sys.argv[1]]))
"""
"""Code that runs the program as in a terminal's window."""


@needs_libreoffice
@pytest.mark.slow
def test_a_print_that_ignores_hangup_outlives_its_window(campaign: Path, temporary: Path) -> None:
    def nohup() -> object:
        return signal.signal(signal.SIGHUP, signal.SIG_IGN)

    with started("print", campaign, "--dry-run", preexec_fn=nohup) as run:
        wait(lambda: at_work(temporary), run)
        run.send_signal(signal.SIGHUP)
        run.communicate(timeout=120)
    assert run.returncode == 0


@needs_libreoffice
@pytest.mark.slow
def test_files_of_a_killed_print_are_removed_by_the_next_one(
    campaign: Path, temporary: Path
) -> None:
    with started("print", campaign) as run:
        wait(lambda: at_work(temporary), run)
        run.kill()
        run.communicate()
    assert [path for path in remaining(temporary) if path.suffix == ".docx"]
    assert running(temporary)
    assert merge("print", campaign, "--dry-run", "--for", "Ana Ruiz").code == 0
    assert remaining(temporary) == []
    assert running(temporary) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", everyday([signal.SIGTERM, SIGHUP]))
def test_an_ended_letters_run_finishes_the_current_letter_and_says_so(
    number: signal.Signals, tmp_path: Path
) -> None:
    recipients = [["Name", "Country"], *([name, "Chile"] for (name,) in PEOPLE[:0:-1])]
    folder = make(tmp_path / "campaign", Signers=PEOPLE, Recipients=recipients)
    with started("letters", folder, preexec_fn=default_signal(number)) as run:
        wait((folder / "Appeal Merge records").exists, run)  # before the first letter
        for _ in range(2):
            run.send_signal(number)
            time.sleep(0.02)  # two at once would be one
        out, err = run.communicate(timeout=30)
    assert (run.returncode, "Traceback" in err) == (130, False)
    last = out.splitlines()[-1]
    assert last.startswith("Stopped. ")
    assert "all existing letters are complete" in last
    created = letters(folder)
    assert len(created) < len(recipients) - 1
    assert all(text(path)[2] == "Ana Ruiz" for path in created.values())
    assert merge("letters", folder, "--json").json["unchanged"] == len(created)


@contextmanager
def holding(temporary: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Give another run that uses a private folder, and its work folder."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    command = [sys.executable, "-c", HOLDS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as run:
        assert run.stdout
        try:
            yield run, Path(run.stdout.readline().strip())
        finally:
            run.kill()


def test_the_private_folder_of_a_run_is_removed_only_after_it_was_killed(temporary: Path) -> None:
    with holding(temporary) as (run, work):
        with private_folder():
            assert (work / "00001.docx").read_bytes() == b"Ana Ruiz"
        assert (work / "00001.docx").exists()
        run.kill()
        run.wait()
        with private_folder() as new_work:
            assert list(temporary.iterdir()) == [new_work.parent]
    assert remaining(temporary) == []


def test_a_nested_private_folder_does_not_remove_the_outer_one(temporary: Path) -> None:
    with private_folder() as outer:
        with private_folder():
            pass
        assert outer.is_dir()
    assert remaining(temporary) == []


def test_only_its_user_can_read_a_private_folder(temporary: Path) -> None:
    with private_folder() as work:
        modes = {path.stat().st_mode & 0o777 for path in (work, work.parent)}
        assert (modes, work.parent.parent) == ({0o700}, temporary)


def test_libreoffice_of_a_killed_run_is_ended(temporary: Path) -> None:
    work = temporary / "appeal-merge-abcd1234" / "work"
    work.mkdir(parents=True)
    profile = (work / "profile").as_uri()
    waits = [sys.executable, "-c", "import time; time.sleep(600)"]
    orphan_command = [*waits, f"-env:UserInstallation={profile}", "--headless"]
    other_commands = [
        [*waits, f"-env:UserInstallation={profile}2"],
        [*waits, str(work / "00001.docx")],
    ]
    with subprocess.Popen(orphan_command) as orphan:
        strangers = [subprocess.Popen(command) for command in other_commands]
        with private_folder():
            assert orphan.wait(10) == -signal.SIGKILL
    assert remaining(temporary) == []
    assert [stranger.poll() for stranger in strangers] == [None, None]
    for stranger in strangers:
        stranger.kill()
        stranger.wait()


def planted(folder: Path, *names: str) -> Path:
    """Return a folder that has a folder of each name with a letter."""
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "00001.docx").write_bytes(b"Ana Ruiz")
    return folder


def test_folders_of_other_programs_are_not_removed(temporary: Path, tmp_path: Path) -> None:
    planted(temporary / "merge-abcd1234", "work")
    planted(temporary / "appeal-merge-main", "work", "docs")
    planted(temporary / "appeal-merge-docs", "docs")
    (temporary / "appeal-merge-file").write_bytes(b"work")
    linked = planted(tmp_path / "linked", "work")
    (temporary / "appeal-merge-link").symlink_to(linked)
    before = sorted(remaining(tmp_path))
    with private_folder():
        pass
    assert sorted(remaining(tmp_path)) == before


@pytest.mark.skipif(
    getattr(os, "getuid", lambda: 1)() != 0, reason="only root can give a folder to somebody else"
)
def test_the_private_folder_of_another_user_is_not_removed(temporary: Path) -> None:
    folder = planted(temporary / "appeal-merge-abcd1234", "work")
    os.chown(folder, 65534, 65534)
    with private_folder():
        pass
    assert (folder / "work" / "00001.docx").exists()
    os.chown(folder, 0, 0)
    with private_folder():
        pass
    assert remaining(temporary) == []
