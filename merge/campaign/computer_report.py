"""The report about this computer, which staff send if something fails.

It names no people and no campaigns. The home folder is `~`, and folders outside it are `…`.
"""

from __future__ import annotations

import locale
import os
import platform
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from merge import messages, product
from merge.campaign.campaign_files import PRINT_FOLDER, WORKBOOK_FILE, check_places
from merge.campaign.file_texts import read_limited
from merge.campaign.orphans import cloud_service
from merge.computer import find_word, loopback_error, path_from_home, private_folder
from merge.errors import MergeError, StorageError
from merge.naming import format_count
from merge.ooxml.container import COMPRESSION
from merge.printing.fonts import characters_without_font, font_files, script_name
from merge.printing.libreoffice import find_libreoffice
from merge.problems import Place, Problem
from merge.product import LETTER_EXTENSION, LETTERS_FOLDER, TEMPLATES_FOLDER
from merge.proofreading.text import plain_text
from merge.state.disk_check import DiskAbilities, inspect_disk
from merge.state.entry_lines import FORMAT
from merge.state.private_state import SQLITE_RELEASE
from merge.state.run_files import RunFiles
from merge.workbook.reading import read_workbook

LIBRARIES = (
    *("babel", "chardet", "click", "docxtpl", "filelock", "flask", "isal", "jinja2", "lxml"),
    *("markdown", "openpyxl", "pypdf", "python-docx", "waitress"),
)
"""The packages whose versions are reported."""

_USUAL_FOLDERS = {
    *("applications", "home", "media", "mnt", "opt", "private", "program files"),
    *("program files (x86)", "run", "snap", "tmp", "users", "usr", "var", "volumes"),
}
"""Folders at the top of a disk whose names are shown, in lower case."""
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
        *_inspect_fonts(_campaign_characters(folder) if folder else frozenset()),
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
    bits = 8 * struct.calcsize("P")
    yield ComputerFact("Python", f"{platform.python_version()}, {bits}-bit")
    yield ComputerFact("Packages", ", ".join(map(_package_version, LIBRARIES)))
    yield ComputerFact("SQLite", SQLITE_RELEASE)
    yield ComputerFact("Compression", COMPRESSION)
    yield ComputerFact("Language and encoding", f"{language}, {encoding}")


def _package_version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} unknown"


def _anonymous_path(path: Path) -> str:
    """Return a path with `~` for the home folder, and without the user's name.

    Outside the home folder, only a usual first folder is shown.
    """
    shown, user = Path(path_from_home(Path(os.path.realpath(path)))), Path.home().name.lower()
    if shown.is_absolute():
        names = [part for part in shown.parts[1:2] if part.lower() in _USUAL_FOLDERS]
        top = shown.anchor if len(shown.drive) <= 2 else "/"  # not the server of a network drive
        return str(Path(top, *names, "…"))
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
    """Yield facts and problems of a folder, which is usually a campaign's."""
    service = cloud_service(folder)
    details = f"path of {len(str(folder))} characters, "
    details += f"in {service}, " if service else ""
    yield from _describe_disk(
        "Campaign folder", Place("the campaign folder"), details, inspect_disk(folder)
    )
    if not (folder / WORKBOOK_FILE).is_file():
        yield ComputerFact("Campaign", "none")
        return
    try:
        check_places(folder)
    except MergeError as error:
        yield ComputerFact("Campaign", f"cannot be opened ({error.problems[0].code})")
        return
    for name in (LETTERS_FOLDER, PRINT_FOLDER):
        subfolder, place = folder / name, Place(f"the folder “{name}” of the campaign")
        if subfolder.is_dir() and (error_text := inspect_disk(subfolder).error):
            yield messages.problem("folder-closed/private", place, why=error_text)
    yield ComputerFact("Internal records", _describe_records(folder / LETTERS_FOLDER))


def _describe_records(letters: Path) -> str:
    try:
        runs = RunFiles.of_campaign(letters, create=False).read(has_letters=True)
    except MergeError as error:
        return f"cannot be read ({error.problems[0].code})"
    programs = sorted({start.program for start in runs.starts.values()})
    versions = f", written by version {', '.join(programs)}" if programs else ""
    count = format_count(len(runs.runs), "run")
    return f"format {FORMAT}, {count}{versions}" if programs else "none"


def _inspect_office() -> _Findings:
    libreoffice = find_libreoffice()
    if libreoffice:
        path = _anonymous_path(libreoffice.program)
        yield ComputerFact("LibreOffice", f"{libreoffice.release or 'unknown version'}, {path}")
    else:
        yield ComputerFact("LibreOffice", "not found")
        yield messages.problem("no-writer/computer", Place("LibreOffice"))
    word = find_word()
    yield ComputerFact("Word", _anonymous_path(Path(word)) if word else "not found")


def _inspect_fonts(characters: Iterable[str]) -> _Findings:
    """Yield the scripts with and without fonts, and problems of a campaign."""
    used, samples = frozenset(characters), frozenset(_SCRIPT_SAMPLES)
    libreoffice = find_libreoffice()
    missing = (
        libreoffice.characters_without_font(used | samples)
        if libreoffice
        else characters_without_font(used | samples, font_files())
    )
    with_font = [script_name(c) for c in _SCRIPT_SAMPLES if c not in missing]
    without_font = [script_name(c) for c in _SCRIPT_SAMPLES if c in missing]
    yield ComputerFact("Fonts for", ", ".join(with_font) or "none")
    yield ComputerFact("No fonts for", ", ".join(without_font) or "none")
    for script in sorted({script_name(character) for character in missing & used}):
        yield messages.problem("font-missing/computer", Place("Fonts"), script=script)


def _campaign_characters(folder: Path) -> frozenset[str]:
    """Return the characters of a campaign's people and templates.

    What cannot be read has none.
    """
    try:
        check_places(folder)
        people = read_workbook(folder / WORKBOOK_FILE).persons
    except MergeError:
        people = ()
    cells = ("".join(person.fields.values()) for person in people)
    files = (folder / TEMPLATES_FOLDER).glob(f"*{LETTER_EXTENSION}")
    templates = (plain_text(read_limited(file) or b"", file.name) for file in files)
    return frozenset().union(*cells, *templates)
