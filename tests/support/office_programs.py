"""LibreOffice and poppler, for tests that look at real pages."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

needs_libreoffice = pytest.mark.skipif(
    not os.environ.get("CI") and not (shutil.which("soffice") and shutil.which("pdftotext")),
    reason="needs LibreOffice Writer and poppler-utils",
)


def _has_calc() -> bool:
    """Return True if LibreOffice has Calc, a library beside its program."""
    office = shutil.which("soffice")
    return bool(office) and any(Path(str(office)).resolve().parent.glob("libsclo*"))


needs_calc = pytest.mark.skipif(
    not os.environ.get("CI") and not (_has_calc() and shutil.which("pdftotext")),
    reason="needs LibreOffice Calc and poppler-utils",
)


@pytest.fixture(scope="session")
def path_without_libreoffice() -> str:
    """Return a PATH with all programs except LibreOffice."""
    return os.pathsep.join(
        _linked_programs(place.resolve()).name
        if any((place / name).exists() for name in _OFFICE)
        else str(place)
        for place in map(Path, os.environ["PATH"].split(os.pathsep))
    )


_OFFICE = ("soffice", "libreoffice")


@functools.cache
def _linked_programs(place: Path) -> TemporaryDirectory[str]:
    """Return a folder with links to all programs of a folder except LibreOffice.

    It is created once in each process, and deleted at its end. It is not on the disk of the tests,
    which may have no links.
    """
    folder = TemporaryDirectory(prefix="programs-")
    for program in place.iterdir():
        if program.name not in _OFFICE:
            (Path(folder.name) / program.name).symlink_to(program)
    return folder


@pytest.fixture(autouse=True)
def without_libreoffice(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, path_without_libreoffice: str
) -> None:
    """Hide LibreOffice, which starts slowly, from tests without its mark."""
    if not request.node.get_closest_marker("libreoffice"):
        monkeypatch.setenv("PATH", path_without_libreoffice)


@functools.cache
def _own_profile() -> TemporaryDirectory[str]:
    """Return this process's LibreOffice profile; it is deleted at the end."""
    return TemporaryDirectory(prefix="profile-")


def soffice() -> list[str]:
    """Return the command that starts LibreOffice.

    An existing profile saves a second.
    """
    profile = Path(_own_profile().name).as_uri()
    return ["soffice", f"-env:UserInstallation={profile}", "--headless", "--norestore"]


MAX_FILES = 200
"""Largest number of files for one start of LibreOffice.

Of 480 files it converted 246, and reported no error.
"""


def to_pdf(letters: Sequence[Path], folder: Path, *, blank_pages: bool = False) -> list[Path]:
    """Convert letters to PDF in a folder.

    `blank_pages` keeps empty pages before front sides.
    """
    options = {"IsSkipEmptyPages": {"type": "boolean", "value": "false"}}
    kind = f"pdf:writer_pdf_Export:{json.dumps(options)}" if blank_pages else "pdf"
    for start in range(0, len(letters), MAX_FILES):
        files = map(str, letters[start : start + MAX_FILES])
        command = [*soffice(), "--convert-to", kind, "--outdir", str(folder), *files]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    return [folder / f"{letter.stem}.pdf" for letter in letters]


def to_format(data: bytes, ending: str, folder: Path) -> str:
    """Return a letter as LibreOffice reads it, in another text format."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "letter.docx").write_bytes(data)
    subprocess.run(
        [*soffice(), "--convert-to", ending, "--outdir", str(folder), str(folder / "letter.docx")],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return (folder / f"letter.{ending}").read_text(encoding="utf-8")


def page_picture(pdf: Path) -> bytes:
    """Return the PDF's first page as a PNG."""
    command = ["pdftoppm", "-r", "60", "-png", "-f", "1", "-l", "1", str(pdf)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def pdf_text(pdf: Path) -> str:
    """Return the PDF's text in reading order."""
    command = ["pdftotext", "-layout", str(pdf), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def pages(pdf: Path) -> int:
    """Return the number of pages of a PDF."""
    command = ["pdfinfo", str(pdf)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(output.split("Pages:")[1].split()[0])


def resave(letters: Sequence[Path], folder: Path) -> None:
    """Open each letter in LibreOffice and save it in its place."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, letter in enumerate(letters):
        shutil.copy2(letter, folder / f"{number}.docx")
    files = [str(folder / f"{number}.docx") for number in range(len(letters))]
    subprocess.run(
        [*soffice(), "--convert-to", "docx", "--outdir", str(folder / "out"), *files],
        check=True,
        capture_output=True,
        timeout=120,
    )
    for number, letter in enumerate(letters):
        shutil.copyfile(folder / "out" / f"{number}.docx", letter)


def saved_by_calc(path: Path) -> Path:
    """Open and save a workbook in Calc; return its path."""
    out = path.parent / "saved"
    form = "xlsx:Calc MS Excel 2007 XML"
    command = [*soffice(), "--convert-to", form, "--outdir", str(out), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (out / path.name).replace(path)
    return path
