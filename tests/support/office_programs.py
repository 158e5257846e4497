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
    """LibreOffice may be there without Calc, which is a library beside its program."""
    office = shutil.which("soffice")
    return bool(office) and any(Path(str(office)).resolve().parent.glob("libsclo*"))


needs_calc = pytest.mark.skipif(
    not os.environ.get("CI") and not (_has_calc() and shutil.which("pdftotext")),
    reason="needs LibreOffice Calc and poppler-utils",
)


@pytest.fixture(scope="session")
def path_without_libreoffice(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH on which all programs are but LibreOffice."""
    places = []
    for place in map(Path, os.environ["PATH"].split(os.pathsep)):
        there = [*place.iterdir()] if any((place / name).exists() for name in _OFFICE) else []
        kept = tmp_path_factory.mktemp("programs") if there else place
        for program in there:
            if program.name not in _OFFICE:
                (kept / program.name).symlink_to(program)
        places.append(str(kept))
    return os.pathsep.join(places)


_OFFICE = ("soffice", "libreoffice")


@pytest.fixture(autouse=True)
def without_libreoffice(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, path_without_libreoffice: str
) -> None:
    """A computer without LibreOffice, which takes seconds to start, for tests not marked so."""
    if not request.node.get_closest_marker("libreoffice"):
        monkeypatch.setenv("PATH", path_without_libreoffice)


@functools.cache
def _own_profile() -> TemporaryDirectory[str]:
    """A profile of LibreOffice that no other process has; it goes when the tests are through."""
    return TemporaryDirectory(prefix="profile-")


def soffice() -> list[str]:
    """The words that start LibreOffice; a profile that is there already is a second less."""
    profile = Path(_own_profile().name).as_uri()
    return ["soffice", f"-env:UserInstallation={profile}", "--headless", "--norestore"]


MAX_FILES = 200
"""Files for one start of LibreOffice: of 480 it converted 246, and reported no error."""


def to_pdf(letters: Sequence[Path], folder: Path, *, blank_pages: bool = False) -> list[Path]:
    """Convert letters to PDF in a folder; `blank_pages` keeps empty pages before front sides."""
    keeps = {"IsSkipEmptyPages": {"type": "boolean", "value": "false"}}
    kind = f"pdf:writer_pdf_Export:{json.dumps(keeps)}" if blank_pages else "pdf"
    for start in range(0, len(letters), MAX_FILES):
        files = map(str, letters[start : start + MAX_FILES])
        command = [*soffice(), "--convert-to", kind, "--outdir", str(folder), *files]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    return [folder / f"{letter.stem}.pdf" for letter in letters]


def to_format(data: bytes, ending: str, folder: Path) -> str:
    """A letter as LibreOffice reads it: saved as a text file of another format."""
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
    """The PDF's first page as a PNG."""
    command = ["pdftoppm", "-r", "60", "-png", "-f", "1", "-l", "1", str(pdf)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def pdf_text(pdf: Path) -> str:
    """The PDF's text in reading order."""
    command = ["pdftotext", "-layout", str(pdf), "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def pages(pdf: Path) -> int:
    """How many pages the PDF has."""
    command = ["pdfinfo", str(pdf)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(told.split("Pages:")[1].split()[0])


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
    """The same workbook when Calc has opened and saved it."""
    out = path.parent / "saved"
    form = "xlsx:Calc MS Excel 2007 XML"
    command = [*soffice(), "--convert-to", form, "--outdir", str(out), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (out / path.name).replace(path)
    return path
