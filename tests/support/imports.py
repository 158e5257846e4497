"""Exports of a form, and `merge import` run by somebody who answers what it asks."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from merge.excel.reader import read_excel_file
from support import campaigns
from support.campaigns import ROOT, Ran

LIST = "signers from forms.xlsx"
BEFORE = "signers from forms (before the last import).xlsx"
COLUMNS = ["ID", "Name", "Street", "Postal code", "City", "Country", "Include"]
HEADINGS = (
    *("Submission ID", "Submission date", "Full name", "Email address", "Street and number"),
    *("Postcode", "Town", "Country", "I agree that my name and address are printed"),
)
"""What a form asks: every heading is known, and nothing but the consent must be decided."""


def answer(number: int, name: str, *, street: str = "", **other: str) -> list[str]:
    """One answer; each number is another person with another email address."""
    cells = {
        "Submission ID": f"s-{number}",
        "Submission date": f"2026-11-{number % 28 + 1:02} 10:00:00",
        "Full name": name,
        "Email address": f"person{number}@mailbox.example",
        "Street and number": street or f"{number} Larkspur Terrace",
        "Postcode": "BS1 9ZY",
        "Town": "Bristol",
        "Country": "United Kingdom",
        HEADINGS[-1]: "Yes",
    }
    known = {"date": "Submission date", "email": "Email address", "postcode": "Postcode"}
    known |= {"town": "Town", "country": "Country", "agrees": HEADINGS[-1]}
    return [*(cells | {known[word]: text for word, text in other.items()}).values()]


def text(rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS) -> str:
    """The answers as a CSV."""
    out = io.StringIO()
    csv.writer(out).writerows([headings, *rows])
    return out.getvalue()


def export(path: Path, rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS) -> Path:
    """A file of answers."""
    path.write_bytes(text(rows, headings).encode())
    return path


def campaign(folder: Path, template: str = campaigns.LINES) -> Path:
    """A campaign folder with two signers who were typed."""
    typed = [
        ["T1", "Ana Ruiz", "Calle Mayor 3", "28013", "Madrid", "Spain", None],
        ["T2", "Bo Berg", "Torvgata 2", "0150", "Oslo", "Norway", None],
    ]
    return campaigns.make(folder, template, Signers=[COLUMNS, *typed])


class _Terminal(io.StringIO):
    """Somebody who gives one answer to every question, and does something before each."""

    def __init__(self, says: str, before: Callable[[], object]) -> None:
        super().__init__()
        self.says, self.before = says, before

    def isatty(self) -> bool:
        return True

    def readline(self, _size: int = -1, /) -> str:  # type: ignore[override]
        self.before()
        return f"{self.says}\n"


def imported(
    *words: str | Path, says: str = "y", before: Callable[[], object] = lambda: None
) -> Ran:
    """Run `merge import` in this process, each question answered alike."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdin", _Terminal(says, before))
        return campaigns.merge("import", *words)


def means_yes(outcome: Mapping[str, Any]) -> Sequence[str]:
    """The options that say what staff said in a case of the corpus: which answers mean yes."""
    return [option for word in outcome.get("means_yes", ()) for option in ("--means-yes", word)]


def listed(folder: Path) -> list[dict[str, str]]:
    """The people of the list, as the program reads its cells; nobody where there is none."""
    if not (folder / LIST).exists():
        return []
    headings, *rows = cells(folder / LIST)
    return [dict(zip(headings, row, strict=True)) for row in rows if any(row)]


def cells(path: Path, sheet: str = "Signers") -> list[list[str]]:
    """The filled rows of a sheet, each with as many cells as the first."""
    rows = read_excel_file(path).sheet(sheet).rows
    width = max(cell.column for cell in rows[0].cells)
    found = []
    for row in rows:
        shown = {cell.column: str(cell.value) for cell in row.cells}
        found.append([shown.get(column, "") for column in range(1, width + 1)])
    return found


def parts(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder, members of zips and the cells of databases as well."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        name, data = path.relative_to(folder).as_posix(), path.read_bytes()
        yield name, name.encode() + data
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{name}/{m}", archive.read(m)) for m in archive.namelist())
        if data.startswith(b"SQLite format 3"):
            with sqlite3.connect(path) as memory:
                yield name, "\n".join(memory.iterdump()).encode()


def contents(folder: Path) -> Mapping[str, bytes]:
    """The files of a folder but the program's own, and what is in them."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in found
        if not path.name.startswith(".merge-")
    }


_SCALES = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
unit = 1 if sys.platform == "darwin" else 1024
found = {"code": os.waitstatus_to_exitcode(status), "bytes": usage.ru_maxrss * unit}
print("\\n" + json.dumps(found))
"""
"""A small program that starts another: a child's peak counts from that of its parent."""


def weighed(*words: str | Path) -> tuple[Ran, float]:
    """Run the program in a process of its own; the most memory it held, in MiB."""
    command = [sys.executable, "-c", _SCALES, sys.executable, "-m", "merge", *map(str, words)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    ran = subprocess.run(command, capture_output=True, text=True, env=env, check=True)
    out, _, found = ran.stdout.rstrip().rpartition("\n")
    told = json.loads(found)
    return Ran(told["code"], out, ran.stderr), told["bytes"] / (1 << 20)
