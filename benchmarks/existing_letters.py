"""Commands on existing letters: `status`, `check`, `proofread`, register.

`python benchmarks/existing_letters.py` measures and prints this alone. All seconds are processor
time.
"""

from __future__ import annotations

import datetime as dt
import gc
import io
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time

from docx import Document
from openpyxl import Workbook, load_workbook
from people import Letter, letters
from program import MERGE, Measured, campaign, run, run_letters

from merge.register.entries import RegisterEntry
from merge.register.reading import read_register
from merge.register.writing import write_register

_SAMPLE = 500
"""Letters that python-docx reads; the seconds are for all."""


@dataclass(frozen=True, slots=True)
class ExistingLettersRound:
    """One round of commands on the letters of one campaign.

    `python_docx` is its processor time for reading the same letters' text.
    """

    letters: int
    status: Measured
    check: Measured
    proofread: Measured
    python_docx: float


@dataclass(frozen=True, slots=True)
class RegisterRound:
    """One round: seconds to write and to read the register of all letters.

    openpyxl gets the values only: no links, no formatting, no data validation.
    """

    letters: int
    written: float
    written_by_cells: float
    written_by_rows: float
    read: float
    read_by_cells: float
    read_by_rows: float


def run_existing_letters(
    root: Path, people: tuple[int, int], rounds: int
) -> Iterator[ExistingLettersRound]:
    """Create one campaign's letters; yield a round of all commands each time."""
    folder, count = campaign(root, *people), people[0] * people[1]
    run_letters(folder, count)
    files = sorted((folder / "letters").rglob("*.docx"))[:_SAMPLE]
    for _ in range(rounds):
        seconds_per_letter = _seconds(lambda: _read_by_python_docx(files)) / len(files)
        commands = (run(*MERGE, word, str(folder)) for word in ("status", "check", "proofread"))
        yield ExistingLettersRound(count, *commands, python_docx=seconds_per_letter * count)


def _read_by_python_docx(files: Sequence[Path]) -> None:
    for file in files:
        "\n".join(paragraph.text for paragraph in Document(str(file)).paragraphs)


def run_registers(root: Path, count: int, rounds: int) -> Iterator[RegisterRound]:
    """Write and read a register of that many letters in each way."""
    entries = [_entry(number, letter) for number, letter in enumerate(letters(count))]
    path = Path(tempfile.mkdtemp(prefix="register-", dir=root)) / "register.xlsx"
    with path.open("wb") as file:
        write_register(entries, file)
    book = load_workbook(path, read_only=True)
    sheets = {sheet.title: list(sheet.values) for sheet in book.worksheets}
    book.close()
    for _ in range(rounds):
        ways: tuple[Callable[[], object], ...] = (
            lambda: write_register(entries, io.BytesIO()),
            lambda: _write(sheets, Workbook()),
            lambda: _write(sheets, Workbook(write_only=True)),
            lambda: read_register(path),
            lambda: _read(path, by_rows=False),
            lambda: _read(path, by_rows=True),
        )
        yield RegisterRound(count, *map(_seconds, ways))


def _entry(number: int, letter: Letter) -> RegisterEntry:
    signer, recipient = letter.signer, letter.recipient
    return RegisterEntry(
        id=f"{number:016x}",
        signer=signer["name"],
        recipient=recipient["name"],
        signer_id=f"{int(signer['id'][1:]):016x}",
        recipient_id=f"{int(recipient['id'][1:]):016x}",
        file=f"letters/{letter.path}",
        state="unchanged",
        created_on=dt.date(2026, 11, 25),
    )


def _write(sheets: dict[str, list[Sequence[object]]], book: Workbook) -> None:
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(io.BytesIO())


def _read(path: Path, *, by_rows: bool) -> None:
    book = load_workbook(path, read_only=by_rows)
    for sheet in book.worksheets:
        for _ in sheet.values:
            pass
    book.close()


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = process_time()
    work()
    return process_time() - start


def existing_letters_lines(rounds: Sequence[ExistingLettersRound]) -> Iterator[str]:
    """Yield the table of the commands on existing letters."""
    yield ""
    yield f"Letters that are made, {rounds[0].letters:,} of them, seconds of a processor"
    heads = ("status", "check", "proofread", "python-docx reads")
    yield f"  {'round':<7}" + "".join(f"{head:>19}" for head in heads) + f"{'proofread MiB':>15}"
    for number, measured in enumerate(rounds, 1):
        values = (
            measured.status.cpu,
            measured.check.cpu,
            measured.proofread.cpu,
            measured.python_docx,
        )
        cells = "".join(f"{value:>19.2f}" for value in values)
        yield f"  {number:<7}{cells}{measured.proofread.peak:>15.0f}"


def register_lines(rounds: Sequence[RegisterRound]) -> Iterator[str]:
    """Yield the table of the ways to write and to read a register."""
    yield ""
    yield f"The register of {rounds[0].letters:,} letters, seconds of a processor"
    yield f"  {'':<9}{'ours':>8}{'openpyxl':>11}{'write-only, read-only':>24}"
    for what, names in (
        ("written", ("written", "written_by_cells", "written_by_rows")),
        ("read", ("read", "read_by_cells", "read_by_rows")),
    ):
        ours, cells, rows = (
            median(getattr(measured, name) for measured in rounds) for name in names
        )
        yield f"  {what:<9}{ours:>8.2f}{cells:>11.2f}{rows:>24.2f}"


def main() -> int:
    """Measure and print, in three rounds."""
    with tempfile.TemporaryDirectory(prefix="merge-bench-") as root:
        for line in register_lines([*run_registers(Path(root), 10_000, 3)]):
            print(line)
        for line in existing_letters_lines([*run_existing_letters(Path(root), (2_500, 4), 3)]):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
