"""Exports of a form, and `merge import` run with answers to its questions."""

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
from support.campaigns import ROOT, RunResult

LIST = "signers from forms.xlsx"
BEFORE = "signers from forms (before the last import).xlsx"
COLUMNS = ["ID", "Name", "Street", "Postal code", "City", "Country", "Include"]
HEADINGS = (
    *("Submission ID", "Submission date", "Full name", "Email address", "Street and number"),
    *("Postcode", "Town", "Country", "I agree that my name and address are printed"),
)
"""The headings of a form: all are known, and only consent is asked about."""


def response(number: int, name: str, *, street: str = "", **other: str) -> list[str]:
    """Return one response; each number is another person and email address."""
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
    """Return the responses as a CSV."""
    out = io.StringIO()
    csv.writer(out).writerows([headings, *rows])
    return out.getvalue()


def export(path: Path, rows: Sequence[Sequence[str]], headings: Sequence[str] = HEADINGS) -> Path:
    """Return a file of responses."""
    path.write_bytes(text(rows, headings).encode())
    return path


def campaign(folder: Path, template: str = campaigns.LINES) -> Path:
    """Return a campaign folder with two signers who were typed."""
    typed = [
        ["T1", "Ana Ruiz", "Calle Mayor 3", "28013", "Madrid", "Spain", None],
        ["T2", "Bo Berg", "Torvgata 2", "0150", "Oslo", "Norway", None],
    ]
    return campaigns.make(folder, template, Signers=[COLUMNS, *typed])


class _Terminal(io.StringIO):
    """A user who gives one answer to every question.

    Before each answer, the user does something.
    """

    def __init__(self, says: str, before: Callable[[], object]) -> None:
        super().__init__()
        self.says, self.before = says, before

    def isatty(self) -> bool:
        return True

    def readline(self, _size: int = -1, /) -> str:  # type: ignore[override]
        self.before()
        return f"{self.says}\n"


def run_import(
    *words: str | Path, says: str = "y", before: Callable[[], object] = lambda: None
) -> RunResult:
    """Run `merge import` in this process with one answer to all questions."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdin", _Terminal(says, before))
        return campaigns.merge("import", *words)


def means_yes(outcome: Mapping[str, Any]) -> Sequence[str]:
    """Return the options for the words that mean yes in a case of the corpus."""
    return [option for word in outcome.get("means_yes", ()) for option in ("--means-yes", word)]


def listed_people(folder: Path) -> list[dict[str, str]]:
    """Return the people of the list, as the program reads its cells.

    There are none if no list exists.
    """
    if not (folder / LIST).exists():
        return []
    headings, *rows = cells(folder / LIST)
    return [dict(zip(headings, row, strict=True)) for row in rows if any(row)]


def cells(path: Path, sheet: str = "Signers") -> list[list[str]]:
    """Return the filled rows of a sheet, each as long as the first."""
    rows = read_excel_file(path).sheet(sheet).rows
    width = max(cell.column for cell in rows[0].cells)
    filled_rows = []
    for row in rows:
        texts = {cell.column: str(cell.value) for cell in row.cells}
        filled_rows.append([texts.get(column, "") for column in range(1, width + 1)])
    return filled_rows


def parts(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file in a folder, and the contents of zips and databases."""
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


def file_contents(folder: Path) -> Mapping[str, bytes]:
    """Return the files of a folder, without the program's own."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in paths
        if not path.name.startswith((".merge-", "Appeal Merge"))
    }


_MEASURE_MEMORY = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
unit = 1 if sys.platform == "darwin" else 1024
found = {"code": os.waitstatus_to_exitcode(status), "bytes": usage.ru_maxrss * unit}
print("\\n" + json.dumps(found))
"""
"""A small program that starts another one and measures its memory.

A child's peak memory counts from that of its parent."""


def run_measuring_memory(*words: str | Path) -> tuple[RunResult, float]:
    """Run the program in its own process; return the peak memory in MiB too."""
    command = [
        sys.executable,
        "-c",
        _MEASURE_MEMORY,
        sys.executable,
        "-m",
        "merge",
        *map(str, words),
    ]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    ran = subprocess.run(command, capture_output=True, text=True, env=env, check=True)
    out, _, measured = ran.stdout.rstrip().rpartition("\n")
    measurement = json.loads(measured)
    return RunResult(measurement["code"], out, ran.stderr), measurement["bytes"] / (1 << 20)
