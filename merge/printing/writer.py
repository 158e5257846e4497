"""LibreOffice found, and what it is asked for: .docx in, PDF out, nothing left behind.

Each run has a profile of its own, so that it neither disturbs a LibreOffice that is open nor obeys
its settings, and a private folder, in which letters bear numbers and no names.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from merge.model import Place, Problem, StorageError, TemplateError
from merge.ooxml.package import parse_package
from merge.printing.desk import Desk, pdf_of, private_folder
from merge.printing.profile import profile

NO_WRITER = Problem(
    "no-writer",
    Place("LibreOffice"),
    "it is not on this computer, so no PDF can be made.",
    "Install it from libreoffice.org, or open the .docx in Word and save it as PDF.",
)

_AT_ONCE = 100
"""Files in one start, which takes as long as some twenty letters."""

_EMBEDDED = "/embeddings/"
"""The folder where Word keeps embedded objects."""


def find_writer() -> Writer | None:
    """LibreOffice, where it is on this computer."""
    on_path = shutil.which("soffice") or shutil.which("libreoffice")
    places = [Path(on_path).absolute()] if on_path else _usual_places()
    return next((Writer(place) for place in places if place.is_file()), None)


def _usual_places() -> Iterator[Path]:
    for variable in ("PROGRAMFILES", "PROGRAMW6432", "PROGRAMFILES(X86)"):
        if folder := os.environ.get(variable):
            yield Path(folder, "LibreOffice", "program", "soffice.exe")
    yield Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")


def shown(path: Path) -> str:
    """A letter's file as messages name it: with its folder, which is as a rule its signer's."""
    return "/".join(path.parts[-2:])


@contextmanager
def told_of_letters() -> Iterator[None]:
    """Say of a letter what the reader of templates says of a template."""
    try:
        yield
    except TemplateError as error:
        raise StorageError(map(_of_letter, error.problems)) from error


def _of_letter(problem: Problem) -> Problem:
    what = problem.what.replace("the template", "the letter")
    return Problem("letter-unreadable", problem.place, what, problem.hint)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        what = f"it cannot be read ({error.strerror})."
        hint = "Close it in Word, or ask who may open it."
        raise StorageError(Problem("letter-unreadable", Place(shown(path)), what, hint)) from error


def _untold(_: int) -> None:
    """Nobody wants to know how far it is."""


@dataclass(frozen=True, slots=True)
class Writer:
    """LibreOffice's program; the seconds that it may take to start, and for each file."""

    program: Path
    start: float = 90
    each: float = 2

    def to_pdf(
        self,
        files: Sequence[Path],
        folder: Path,
        *,
        blank_pages: bool,
        copy: Callable[[Path], bytes] = _read,
        done: Callable[[int], None] = _untold,
    ) -> list[Path]:
        """A PDF in the folder for each .docx, in their order, named 00001.pdf and so on.

        `blank_pages` keeps those that stand empty before a front side. `copy` gives the bytes that
        stand in for a file; the file itself is never opened by LibreOffice. Bookmarks become named
        destinations. `done` is told of so many files each time that some are converted.
        StorageError names every file that cannot be made a PDF.
        """
        with _disk_told(folder), private_folder() as own:
            _settle(own, profile(blank_pages=blank_pages))
            names = _copied(files, own, copy)
            desk = Desk(self.program, own, self.start, self.each)
            missing: set[str] = set()
            for chunk in _chunks(names):
                missing.update(desk.missing(chunk))
                done(len(chunk))
            if missing:
                faulty = [f for f, name in zip(files, names, strict=True) if name in missing]
                raise StorageError(map(_failed, faulty))
            pdfs = [(own / pdf_of(name), folder / pdf_of(name)) for name in names]
            return [Path(shutil.move(made, wanted)) for made, wanted in pdfs]


def _settle(folder: Path, settings: str) -> None:
    """Put the settings where LibreOffice will look for them."""
    user = folder / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(settings, encoding="utf-8")


def _copied(files: Sequence[Path], folder: Path, copy: Callable[[Path], bytes]) -> list[str]:
    """The names of the copies. StorageError tells of every file that cannot be read."""
    names = [f"{number:05}.docx" for number in range(1, len(files) + 1)]
    problems: list[Problem] = []
    for file, name in zip(files, names, strict=True):
        try:
            (folder / name).write_bytes(_without_objects(copy(file), shown(file)))
        except StorageError as error:
            problems += error.problems
    if problems:
        raise StorageError(problems)
    return names


def _without_objects(data: bytes, file: str) -> bytes:
    """The letter less its embedded objects: like Word, LibreOffice then prints their pictures.

    It would open the objects, and fetch what they link to.
    """
    if _EMBEDDED.encode() not in data:
        return data
    with told_of_letters():
        package = parse_package(data, file)
    return package.without({m.name for m in package.members if _EMBEDDED in m.name}).write()


def _chunks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[at : at + _AT_ONCE] for at in range(0, len(names), _AT_ONCE))


def _failed(file: Path) -> Problem:
    what = "LibreOffice cannot make a PDF of it."
    hint = "Open it in Word, save it again, then try once more."
    return Problem("pdf-failed", Place(shown(file)), what, hint)


@contextmanager
def _disk_told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"no PDF can be made: the system says {error.strerror}."
        hint = "Make room on the disk, then run again."
        raise StorageError(Problem("pdf-disk", Place(str(folder)), what, hint)) from error
