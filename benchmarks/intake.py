"""`merge import` in a process of its own, each figure with its limit.

1. `make bench ARGS=intake` prints the figures.
2. Seconds are processor time: each run has one thread, and other work on the machine does not
   count.
3. The names of tests/data/names.tsv are decoded by this program and by chardet in turns.
"""

from __future__ import annotations

import csv
import io
import os
import pty
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

import chardet
from openpyxl import Workbook
from people import Person, signers
from program import MERGE, BoundedFigure, Measured, campaign, run

from merge.intake.exports import read_export

_NAMES = Path(__file__).resolve().parents[1] / "tests" / "data" / "names.tsv"
_MANY, _LISTED, _MORE, _FEW = 20_000, 10_000, 500, 200
_HEADINGS = (
    *("Submission ID", "Timestamp", "Full name", "Email address", "Street and number", "Postcode"),
    *("Town", "Country", "I agree that my name and address are printed in the letters"),
    *("How did you hear about us?", "Anything you would like to tell us?", "Phone number"),
    *("Submission IP", "Newsletter", "Referrer URL", "Tags", "Network ID", "Start date", "Status"),
    "Comment",
)
_TABLE = """
import sys
from merge.intake.responses import collect_responses
from merge.intake.exports import read_export
from merge.intake.headings import count_known_headings
from merge.intake.choices import accept_proposals
from merge.intake.column_plan import plan_columns
from merge.intake.matching import combine_by_person
with open(sys.argv[1], "rb") as file:
    export = read_export(file.read(), "answers", count_headings=count_known_headings)
columns = "ID Name Street City Country Include".split()
plan = accept_proposals(plan_columns(export, columns))
people = combine_by_person(collect_responses(export, plan), plan.form).people
sys.exit(len(people) < 19_000)
"""
_Rows = list[Sequence[str]]


def measure(root: Path) -> Iterator[BoundedFigure]:
    """Yield each figure when it is known."""
    folder = campaign(root, 6, 2)
    rows = _answers(_MANY)
    text, sheet = _csv(root / "many.csv", rows), _xlsx(root / "many.xlsx", rows)
    for kind, export, bound in (("CSV", text, 4.0), ("XLSX", sheet, 8.0)):
        size = f"{kind} of {_MANY:,} x {len(_HEADINGS)}"
        measured = run(sys.executable, "-c", _TABLE, str(export))
        yield BoundedFigure(f"{size} to the table of people", measured.cpu, bound)
        yield BoundedFigure("memory for it", measured.peak, 250, "MiB")
        measured = _dry_run(export, folder)
        yield BoundedFigure(f"{size}, the whole of --dry-run --json", measured.cpu, 2 * bound)
    few = _csv(root / "few.csv", _answers(_FEW))
    seconds = min(_dry_run(few, folder).cpu for _ in range(3))
    yield BoundedFigure(f"{_FEW} answers, all that is shown before a question", seconds, 1.0)
    yield from _written(root, folder)
    yield from _guessed()


def _answers(count: int) -> _Rows:
    return [_HEADINGS, *(_answer(number, who) for number, who in enumerate(signers(count)))]


def _answer(number: int, signer: Person) -> Sequence[str]:
    name, code = f"{signer['name']}-{_word(number)}", f"{10_000 + number % 80_000}"
    town = signer["city"].partition(" ")[2]
    day = f"2026-{1 + number % 10:02}-{1 + number % 28:02} 10:{number % 60:02}:00"
    mail = f"person{number}@mailbox.example"
    answers = "Friends, a poster", "With hope, and = thanks", "555-0100", "203.0.113.7", "No"
    rest = "https://petition.example/", "spring, door", f"n{number}", day, "done", ""
    known = f"s{number:06}", day, name, mail, signer["street"], code, town, signer["country"]
    return *known, "Yes", *answers, *rest


def _word(number: int) -> str:
    """Return letters for a number, so that no two people have one name."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:05}").title()


def _csv(path: Path, rows: _Rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    return path


def _xlsx(path: Path, rows: _Rows) -> Path:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Form responses 1")
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def _dry_run(export: Path, folder: Path) -> Measured:
    return run(*MERGE, "import", str(export), str(folder), "--dry-run", "--json")


# Writing.


def _written(root: Path, folder: Path) -> Iterator[BoundedFigure]:
    rows = _answers(_LISTED + _MORE)
    export, written = root / "spring.csv", folder / "signers from forms.xlsx"
    _import_with_yes(_csv(export, rows[: _LISTED + 1]), folder)
    if not written.exists():
        raise SystemExit("merge import wrote no list")
    _csv(export, rows)
    seconds, peak, old = list[float](), 0.0, written.read_bytes()
    for _ in range(3):
        dry_run = _dry_run(export, folder)
        imported = run(*MERGE, "import", str(export), str(folder), "--yes")
        seconds.append(imported.cpu - dry_run.cpu)
        peak = max(peak, imported.peak)
        if written.stat().st_size <= len(old):
            raise SystemExit("merge import added no one to its list")
        written.write_bytes(old)
    what = f"{_MORE} more into a list of {_LISTED:,}"
    yield BoundedFigure(f"{what}, written (less --dry-run)", median(seconds), 5.0)
    yield BoundedFigure("memory for all of it", peak, 200, "MiB")


def _import_with_yes(export: Path, folder: Path) -> None:
    """Import with yes to all questions, which are asked only in a terminal."""
    own_end, program_end = pty.openpty()
    os.write(own_end, b"y\n" * 40)
    command = [*MERGE, "import", str(export), str(folder)]
    process = subprocess.run(
        command, stdin=program_end, capture_output=True, text=True, check=False
    )
    os.close(own_end)
    os.close(program_end)
    if process.returncode:
        raise SystemExit(f"merge import ended with {process.returncode}: {process.stderr}")


# Code pages.


def _guessed() -> Iterator[BoundedFigure]:
    first = among = theirs = count = 0
    for page, data in _samples():
        rows, count = _cells(data.decode(page)), count + 1
        export = read_export(data, "names.csv")
        readings = [_as_rows(data, word) for word in export.readings[:4]]
        first += rows == [row.cells for row in export.rows]
        among += rows in readings
        guess = chardet.detect(data)["encoding"] or "ascii"
        theirs += _cells(data.decode(guess, "replace")) == rows
    yield BoundedFigure(
        f"not read right at first, {count} lists of names", _less(first, count), 5, "%"
    )
    yield BoundedFigure("not among the first four", _less(among, count), 2, "%")
    yield BoundedFigure("not read right by chardet alone", _less(theirs, count), 100, "%")


def _less(right: int, count: int) -> float:
    return 100 * (1 - right / count)


def _samples() -> Iterator[tuple[str, bytes]]:
    """Yield lists of 5, 12 and 32 people of each language, in each code page."""
    dice = random.Random(14)  # noqa: S311 - nothing secret
    for pages, words in _words().items():
        names, towns = words["name"], words["town"]
        for size in (5, 12, 32):
            for _ in range(8):
                people = [(dice.choice(names), dice.choice(towns)) for _ in range(size)]
                text = "Name;City;Agreed\r\n" + "".join(f"{a};{b};Yes\r\n" for a, b in people)
                yield from ((page, text.encode(page)) for page in pages[1:])


def _words() -> Mapping[tuple[str, ...], Mapping[str, list[str]]]:
    words: dict[tuple[str, ...], dict[str, list[str]]] = {}
    with _NAMES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            key = (row["language"], *row["pages"].split())
            words.setdefault(key, {}).setdefault(row["kind"], []).append(row["text"])
    return words


def _cells(text: str) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(text), delimiter=";")]


def _as_rows(data: bytes, word: str) -> list[tuple[str, ...]]:
    return [row.cells for row in read_export(data, "names.csv", read_as=word).rows]
