"""The report about this computer, which staff send if something fails.

It names no people and no campaigns. The home folder is `~`, and a folder outside it is `…`.
"""

from __future__ import annotations

import locale
import platform
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from merge import messages, product
from merge.campaign.orphans import cloud_service
from merge.computer import loopback_error, path_from_home, private_folder
from merge.errors import StorageError
from merge.printing.fonts import characters_without_font, font_files, script_name
from merge.printing.libreoffice import find_libreoffice
from merge.problems import Place, Problem
from merge.state.disk_check import DiskAbilities, inspect_disk

LIBRARIES = (
    *("babel", "chardet", "click", "docxtpl", "filelock", "flask", "isal", "jinja2", "lxml"),
    *("markdown", "openpyxl", "pypdf", "python-docx", "waitress"),
)
"""The packages whose versions are reported."""

_SCRIPT_SAMPLES = "AЯΩحשआকதไქԱአ中あ한"
"""A letter of each script for which fonts are reported."""


class ComputerFact(NamedTuple):
    """A fact about the computer, with its label."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class ComputerReport:
    """Facts about this computer, and problems with what to do about them."""

    facts: tuple[ComputerFact, ...]
    problems: tuple[Problem, ...]

    @property
    def text(self) -> str:
        """The report as lines of text, to be copied."""
        lines = [f"{fact.label}: {fact.value}" for fact in self.facts]
        problems = [f"{problem.level}  {problem}" for problem in self.problems]
        return "\n".join([*lines, "", *(problems or ["No problems."])])


def inspect_computer(folder: Path | None = None, port: int | None = None) -> ComputerReport:
    """Return the report about this computer, and about a folder.

    `folder` is usually a campaign's. `port` is the port on which the page is open.
    """
    findings = [
        *_inspect_program(),
        *_inspect_page(port),
        *_inspect_private_folder(),
        *(_inspect_folder(folder) if folder else ()),
        *_inspect_office(),
        *_inspect_fonts(),
    ]
    return ComputerReport(
        tuple(finding for finding in findings if isinstance(finding, ComputerFact)),
        tuple(finding for finding in findings if isinstance(finding, Problem)),
    )


_Findings = Iterator[ComputerFact | Problem]


def _inspect_program() -> _Findings:
    language, encoding = locale.getlocale()[0] or "none", locale.getpreferredencoding(False)  # noqa: FBT003
    yield ComputerFact("Appeal Merge", product.__version__)
    yield ComputerFact("Program folder", _anonymous_path(Path(product.__file__).parent))
    yield ComputerFact("System", platform.platform())
    yield ComputerFact("Python", platform.python_version())
    yield ComputerFact("Packages", ", ".join(map(_package_version, LIBRARIES)))
    yield ComputerFact("Language and encoding", f"{language}, {encoding}")


def _package_version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} unknown"


def _anonymous_path(path: Path) -> str:
    """Return a path with `~` for the home folder, or `…` if it is outside.

    The user's name is `…` too.
    """
    shown, user = Path(path_from_home(path.resolve())), Path.home().name.lower()
    if shown.is_absolute():
        return "…"
    return str(Path(*("…" if part.lower() == user else part for part in shown.parts)))


def _inspect_page(port: int | None) -> _Findings:
    error = "" if port else loopback_error()
    if error:
        yield ComputerFact("Page", "cannot be opened")
        yield messages.problem("page-not-started", Place("the page"), why=error)
    else:
        yield ComputerFact("Page", f"open, port {port}" if port else "can be opened")


def _inspect_private_folder() -> _Findings:
    try:
        folder = private_folder()
    except StorageError as error:
        for problem in error.problems:
            place = Place(_anonymous_path(Path(problem.place.file)))
            yield ComputerFact("Private folder", f"{place}, cannot be used")
            yield replace(problem, place=place)
    else:
        path = _anonymous_path(folder)
        yield from _describe_disk("Private folder", Place(path), f"{path}, ", inspect_disk(folder))


def _describe_disk(label: str, place: Place, details: str, disk: DiskAbilities) -> _Findings:
    if disk.error:
        yield ComputerFact(label, f"{details}cannot be written")
        yield messages.problem("folder-closed/private", place, why=disk.error)
        return
    links = "links" if disk.has_links else "no links"
    locks = "locks" if disk.has_locks else "no locks"
    free = f"{disk.free_bytes / 1e9:,.1f} GB free"
    yield ComputerFact(label, f"{details}can be written, {links}, {locks}, {free}")
    if not disk.has_locks:
        yield messages.problem("locks-missing", place)


def _inspect_folder(folder: Path) -> _Findings:
    service = cloud_service(folder)
    details = f"path of {len(str(folder))} characters, "
    details += f"in {service}, " if service else ""
    place = Place("the campaign folder")
    yield from _describe_disk("Campaign folder", place, details, inspect_disk(folder))


def _inspect_office() -> _Findings:
    libreoffice = find_libreoffice()
    if libreoffice:
        path = _anonymous_path(libreoffice.program)
        yield ComputerFact("LibreOffice", f"{libreoffice.release or 'unknown version'}, {path}")
    else:
        yield ComputerFact("LibreOffice", "not found")
        yield messages.problem("no-writer/computer", Place("LibreOffice"))


def _inspect_fonts() -> _Findings:
    libreoffice = find_libreoffice()
    missing = (
        libreoffice.characters_without_font(_SCRIPT_SAMPLES)
        if libreoffice
        else characters_without_font(_SCRIPT_SAMPLES, font_files())
    )
    with_font = [script_name(c) for c in _SCRIPT_SAMPLES if c not in missing]
    without_font = [script_name(c) for c in _SCRIPT_SAMPLES if c in missing]
    yield ComputerFact("Fonts for", ", ".join(with_font) or "none")
    yield ComputerFact("No fonts for", ", ".join(without_font) or "none")
