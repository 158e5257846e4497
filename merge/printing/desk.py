"""A private folder in which LibreOffice makes PDFs of copies, and ends when its time is up.

What a run leaves there that was itself killed, the next one removes.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from docx import Document
from filelock import FileLock

from merge.model import Place, Problem, StorageError

_WORD_ONLY = "--infilter=MS Word 2007 XML"
"""A web page that is named .docx would be read as one, and its style sheet fetched."""

_PROBE = "probe.docx"

_PREFIX = "appeal-merge-"
_WORK, _LOCK = "work", "lock"
"""All that lies in a private folder: what is worked on, and what a run holds while it works."""


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder that nobody else may look into, removed afterwards, as are those of killed runs."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    with _held(folder) as work:
        _sweep(folder)
        work.mkdir(0o700)  # not before it is held: a folder without work is never swept
        yield work


@contextmanager
def _held(folder: Path) -> Iterator[Path]:
    """Where the work lies in a private folder that is held alone; the folder goes in the end.

    Timeout where a run holds it.
    """
    lock, work = FileLock(folder / _LOCK), folder / _WORK
    lock.acquire(timeout=0)
    try:
        yield work
    finally:
        # On Windows a program that was ended may hold a file for a moment: no fault of ours.
        shutil.rmtree(work, ignore_errors=True)
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(own: Path) -> None:
    """Remove the private folders beside our own that killed runs left behind."""
    for folder in own.parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # Timeout is one too: a run is at work there
            if _is_ours(folder, own.lstat().st_uid):
                with _held(folder) as work:
                    _end_those_in(work)


def _is_ours(folder: Path, user: int) -> bool:
    """Whether it is a private folder with work in it, made by this user; a link is none."""
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != user:
        return False
    return {_WORK} <= {entry.name for entry in folder.iterdir()} <= {_WORK, _LOCK}


def pdf_of(name: str) -> str:
    """The name of a .docx file's PDF."""
    return name.removesuffix(".docx") + ".pdf"


@dataclass(frozen=True, slots=True)
class Desk:
    """LibreOffice's program, the folder it works in, and the seconds it may take.

    `start` are those to start, `each` those for a file. The folder's `profile` holds its settings.
    """

    program: Path
    folder: Path
    start: float
    each: float

    def missing(self, names: Sequence[str]) -> list[str]:
        """Make PDFs; the names of those files that none can be made of.

        A file that ends LibreOffice takes those behind it along: they are tried again without it.
        StorageError where LibreOffice is at fault.
        """
        self._run(names)
        left = [name for name in names if not self._is_made(name)]
        if left == list(names):
            self._prove()
        if len(names) < 2 or not left:
            return left
        return [name for part in (left[:1], left[1:]) if part for name in self.missing(part)]

    def _prove(self) -> None:
        """StorageError where LibreOffice makes no PDF of a document that is surely sound."""
        Document().save(str(self.folder / _PROBE))
        self._run([_PROBE])
        if not self._is_made(_PROBE):
            what = "LibreOffice is here, but makes no PDF."
            hint = "Save a document as PDF in it by hand; if that fails too, install it again."
            raise StorageError(Problem("writer-broken", Place(str(self.program)), what, hint))

    def _is_made(self, name: str) -> bool:
        """Whether the PDF is there, to its end."""
        pdf = self.folder / pdf_of(name)
        return pdf.exists() and b"%%EOF" in pdf.read_bytes()[-32:]

    def _run(self, names: Sequence[str]) -> None:
        """Let LibreOffice work for as long as it may take; no process of it stays behind."""
        command = [str(self.program), _own_profile(self.folder), "--headless"]
        command += ["--norestore", _WORD_ONLY, "--convert-to", "pdf", "--outdir", ".", *names]
        temporary = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(self.folder))
        with subprocess.Popen(  # noqa: S603 - LibreOffice; the names are our own
            command,
            cwd=self.folder,
            env={**os.environ, **temporary},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            try:
                with suppress(subprocess.TimeoutExpired):  # what is missing will be told
                    process.wait(self.start + self.each * len(names))
            finally:
                _end(process)


def _own_profile(work: Path) -> str:
    """The word of the command by which LibreOffice takes its settings from where it works."""
    return f"-env:UserInstallation={(work / 'profile').as_uri()}"


def _end_those_in(work: Path) -> None:
    """End every LibreOffice of a killed run; it would make its folder anew.

    On Windows there is no `ps`, and what a program has open cannot be removed.
    """
    command = ["ps", "-A", "-ww", "-o", "pid=", "-o", "args="]
    with suppress(OSError):
        listed = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - the system's
        for line in listed.stdout.splitlines():
            number, *words = line.split()
            if os.fsencode(_own_profile(work)) in words:
                with suppress(OSError):  # it has ended
                    os.kill(int(number), signal.SIGKILL)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and those that it started, where it still runs."""
    if process.poll() is not None:
        return
    if os.name == "nt":
        command = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - Windows' own
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
