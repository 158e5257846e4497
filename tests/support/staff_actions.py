"""Actions of staff and their programs on letters between two runs."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.shared import Inches, Mm

from merge.computer import campaign_file
from merge.disk import HIDDEN_FOLDER_PREFIX
from merge.ooxml.stamps import read_stamp
from merge.product import RECORDS_FOLDER
from merge.state.ledger import ledger_to_read
from support.campaigns import ROOT, make, merge
from support.office_programs import resave

zones = pytest.mark.posix("time zones by time.tzset")


def lose_ledger(folder: Path) -> None:
    """Delete the records of a campaign, and what this computer keeps of it."""
    shutil.rmtree(folder / RECORDS_FOLDER, ignore_errors=True)
    for extension in (".db", ".jsonl", ".aside.jsonl"):
        if private := campaign_file(folder / "letters", extension, create=False):
            private.unlink(missing_ok=True)


KILL_HOOK = """
changing = {"os.link": 1, "os.rename": 1, "os.remove": 0, "os.mkdir": 0, "os.rmdir": 0, "open": 0}
def hook(event, arguments):
    global left
    if event in changing and f"{folder}{os.sep}" in str(arguments[changing[event]]):
        left -= 1
        if left < 0:
            os._exit(9)
"""
"""A hook that kills the process after `left` changes in `folder`."""
_KILLED_RUN = f"""
import os, sys
left, folder = int(sys.argv[1]), sys.argv[2]
def no_links(*_, **__):
    raise OSError(22, "Invalid argument")
if os.environ.get("NO_LINKS"):
    os.link = no_links
{KILL_HOOK}from merge.cli import main
sys.addaudithook(hook)
sys.exit(main(["letters", *sys.argv[3:]]))
"""


def two_letters_of_one_size_and_time(folder: Path) -> tuple[Path, Path]:
    """Create letters; return two that have the same size and time."""
    people = [["Name"], *(["Minister " + name] for name in ("Li", "Lo", "Lu", "Le", "La", "Ly"))]
    letters = make(folder, Recipients=people) / "letters"
    run_letters(folder)
    by_size: dict[int, list[Path]] = {}
    for path in sorted(letters.rglob("*.docx")):
        os.utime(path, (1_000_000_000, 1_000_000_000.25))
        by_size.setdefault(path.stat().st_size, []).append(path)
    first, second = max(by_size.values(), key=len)[:2]
    assert_up_to_date(folder)
    return first, second


def retype(letter: Path, old: str, new: str) -> bytes:
    """Change words in Word and save; return the new bytes.

    The old words must be there.
    """
    document = Document(str(letter))
    runs = [run for p in document.paragraphs for run in p.runs if old in run.text]
    assert runs, f"{old} is not in {letter}"
    for run in runs:
        run.text = run.text.replace(old, new)
    document.save(str(letter))
    return letter.read_bytes()


def add_line(letter: Path, words: str) -> bytes:
    """Write a paragraph at the end and save; return the new bytes."""
    document = Document(str(letter))
    document.add_paragraph(words)
    document.save(str(letter))
    return letter.read_bytes()


def choose_paper(file: Path, paper: str) -> bytes:
    """Select A4 or Letter under Layout > Size and save; return the new bytes."""
    width, height = {"A4": (Mm(210), Mm(297)), "Letter": (Inches(8.5), Inches(11))}[paper]
    document = Document(str(file))
    for section in document.sections:
        section.page_width, section.page_height = width, height
    document.save(str(file))
    return file.read_bytes()


def save_again(letter: Path, *, bold: bool = False) -> bytes:
    """Open and save a letter; return the new bytes.

    With `bold`, the first words become bold.
    """
    document = Document(str(letter))
    document.paragraphs[0].runs[0].bold = bold or None
    document.save(str(letter))
    return letter.read_bytes()


def save_without_ids(letter: Path) -> bytes:
    """Save as programs do that drop document properties, such as Google Docs."""
    with zipfile.ZipFile(letter) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for listing in ("[Content_Types].xml", "_rels/.rels"):
        parts[listing] = re.sub(
            rb"<(?:Override|Relationship) [^>]*docProps/[^>]*/>", b"", parts[listing]
        )
    remaining = {name: data for name, data in parts.items() if not name.startswith("docProps/")}
    letter.write_bytes(_zipped(remaining))
    assert read_stamp(letter.read_bytes()) is None
    return letter.read_bytes()


def zip_again(letter: Path) -> None:
    """Pack the same members in another way and another order."""
    with zipfile.ZipFile(letter) as archive:
        parts = {name: archive.read(name) for name in reversed(archive.namelist())}
    letter.write_bytes(_zipped(parts, zipfile.ZIP_STORED))


def _zipped(parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    archive_bytes = io.BytesIO()
    with zipfile.ZipFile(archive_bytes, "w", compression) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return archive_bytes.getvalue()


def id_in(letter: Path) -> str:
    """Return the ID in a letter's file; empty if it has none."""
    return id_of(letter.read_bytes())


def id_of(data: bytes) -> str:
    """Return the ID in a file's bytes; empty if they have none."""
    stamp = read_stamp(data)
    return stamp.id if stamp else ""


def run_letters(folder: Path, *options: str) -> Any:  # noqa: ANN401 - JSON is anything
    """Run `merge letters`; return its result, whose numbers must add up."""
    result = merge("letters", folder, "--json", *options)
    assert result.code in {0, 1}, result.err
    balance = result.json
    parts = ("written", "unchanged", "kept", "skipped")
    assert balance["planned"] == sum(balance[part] for part in parts)
    return balance


def states(folder: Path, *options: str) -> dict[str, str]:
    """Return each letter's status after a run, by its path below the letters."""
    return {path: state for path, (state, _) in states_and_reasons(folder, *options).items()}


def states_and_reasons(folder: Path, *options: str) -> dict[str, tuple[str, str]]:
    """Return status and reason of each letter after a run, by its path."""
    steps = run_letters(folder, *options)["letters"]
    return {s["path"].removeprefix("letters/"): (s["state"], s["reason"]) for s in steps}


def run_problems(folder: Path, *options: str) -> dict[str, str]:
    """Run `merge letters`; return the texts of its problems by code."""
    problems = run_letters(folder, *options)["problems"]
    return {p["code"]: f"{p['where']}: {p['message']} {p['hint']}" for p in problems}


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return bytes and time of every file below the letters.

    The program's own files are not listed.
    """
    files = (p for p in (folder / "letters").rglob("*") if p.is_file() and not p.is_symlink())
    return {
        p.relative_to(folder / "letters").as_posix(): (p.read_bytes(), p.stat().st_mtime_ns)
        for p in files
        if not p.name.startswith(".merge-")
    }


def assert_up_to_date(folder: Path) -> None:
    """Check that a run now writes nothing and touches no file."""
    before = snapshot(folder)
    assert run_letters(folder)["written"] == 0
    assert snapshot(folder) == before


def run_without_changes(folder: Path, *options: str) -> dict[str, tuple[str, str]]:
    """Check that a run touches no file; return steps other than unchanged."""
    before = snapshot(folder)
    steps = states_and_reasons(folder, *options)
    assert snapshot(folder) == before
    assert_up_to_date(folder)
    return {path: step for path, step in steps.items() if step[0] != "unchanged"}


def in_private_state(folder: Path, change: str, *values: object) -> int:
    """Change what this computer keeps for a campaign; return the number of rows."""
    private = campaign_file(folder / "letters", ".db", create=True)
    assert private
    with closing(sqlite3.connect(private)) as db, db:
        return db.execute(change, values).rowcount


def run_until_killed(folder: Path, after: int, *options: str, links: bool = True) -> bool:
    """Start a run that is killed after this number of changes of files.

    Return False if it came to its end. Without `links`, the disk has none, as with FAT.
    """
    letters = str(folder / "letters")
    words = [str(after), letters, str(folder), *options]
    command = [sys.executable, "-c", _KILLED_RUN, *words]
    env = {**os.environ, "NO_LINKS": "" if links else "yes"}
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, env=env).returncode
    assert ended in {0, 1, 9}
    return ended == 9


def paths_in_ledger(folder: Path) -> dict[str, str]:
    """Return the paths in the ledger by letter ID.

    Paths from which letters are moved have the key `was` and the ID.
    """
    with ledger_to_read(folder / "letters") as ledger:
        records = [*ledger.letters()]
    return {
        **{record.id: record.path for record in records},
        **{f"was {record.id}": record.was for record in records if record.was},
    }


def visible_path(path: str) -> str:
    """Return a file's path without the hidden folder of a killed run."""
    return re.sub(rf"{re.escape(HIDDEN_FOLDER_PREFIX)}[^/]+/", "", path)


def nfc(path: str) -> str:
    """Return a path as the program compares it."""
    return unicodedata.normalize("NFC", path)


def spelled(path: Path) -> Path:
    """Return the path in the spelling of the disk."""
    if path.parent.is_dir():
        return next((p for p in path.parent.iterdir() if nfc(p.name) == nfc(path.name)), path)
    return path


def is_damaged(data: bytes) -> bool:
    """Return True if the bytes may be a letter's and cannot be opened."""
    if data[:2] not in {b"", b"PK", b"\0\0"}:
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.testzip() is not None
    except (zipfile.BadZipFile, zlib.error):
        return True


def content(data: bytes) -> bytes:
    """Return a file's members by name, however it is zipped, or its bytes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = sorted((name, archive.read(name)) for name in archive.namelist())
    except zipfile.BadZipFile:
        return data
    return hashlib.sha256(repr(parts).encode()).digest()


def save_in_libreoffice(folder: Path, *letters: Path) -> None:
    """Open the letters in LibreOffice and save them as Word files."""
    resave(letters, folder / "saved")


def change_part(letter: Path, part: str, old: bytes, new: bytes) -> None:
    """Replace bytes in one part of a letter; the old ones must be there."""
    with zipfile.ZipFile(letter) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    letter.write_bytes(_zipped(parts))


@contextmanager
def day(number: int) -> Iterator[dt.date]:
    """Set the clock to one day, 0, or the next, 1.

    The two time zones are half a day before and after UTC.
    """
    before = os.environ.get("TZ")
    os.environ["TZ"] = f"DAY{12 - 24 * number:+}"
    time.tzset()
    try:
        yield dt.datetime.now().astimezone().date()
    finally:
        os.environ.pop("TZ")
        if before is not None:
            os.environ["TZ"] = before
        time.tzset()
