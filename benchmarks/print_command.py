"""`merge print --pdf` of 1,000 letters, compared with LibreOffice alone.

1. LibreOffice converts the letters in one .docx, without cover sheets.
2. It also converts the print files, with cover sheets.
3. `python benchmarks/print_command.py` measures and prints this alone.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from program import MERGE, Measured, campaign, run, run_letters

from merge.ooxml.package_builder import SourceFile
from merge.printing.combine.letter import combine_letters

_PEOPLE = 250, 4
NO_LIBREOFFICE = "soffice is not there: nothing is said of merge print --pdf"


@dataclass(frozen=True, slots=True)
class PrintRound:
    """One round: the command with covers and without, each on new letters.

    `again` repeats `first`. `libreoffice` is its seconds for one .docx of the letters, `on_batches`
    for the print files of `first`.
    """

    letters: int
    first: Measured
    again: Measured
    uncovered: Measured
    libreoffice: float
    on_batches: float


def has_libreoffice() -> bool:
    """Return True if LibreOffice can be measured."""
    return shutil.which("soffice") is not None


def run_print(root: Path) -> PrintRound:
    """Print two new campaigns, after LibreOffice converted the same letters."""
    folder, uncovered_folder = campaign(root, *_PEOPLE), campaign(root, *_PEOPLE)
    count = _PEOPLE[0] * _PEOPLE[1]
    for campaign_folder in (folder, uncovered_folder):
        run_letters(campaign_folder, count)
    letters = [
        SourceFile(p.name, p.read_bytes()) for p in sorted((folder / "letters").rglob("*.docx"))
    ]
    alone = _libreoffice([combine_letters(letters, letters[0]).data], root)
    first = run(*MERGE, "print", str(folder), "--pdf", "--covers")
    batches = [path.read_bytes() for path in sorted((folder / "print").rglob("*.docx"))]
    again = run(*MERGE, "print", str(folder), "--pdf", "--covers")
    uncovered = run(*MERGE, "print", str(uncovered_folder), "--pdf", "--no-covers")
    return PrintRound(count, first, again, uncovered, alone, _libreoffice(batches, root))


def _libreoffice(documents: list[bytes], root: Path) -> float:
    """Return the seconds of one LibreOffice process, its start included."""
    folder = Path(tempfile.mkdtemp(prefix="office-", dir=root))
    files = [folder / f"{number}.docx" for number in range(len(documents))]
    for file, document in zip(files, documents, strict=True):
        file.write_bytes(document)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--norestore", "--convert-to", "pdf"]
    start = perf_counter()
    subprocess.run(
        [*command, "--outdir", str(folder), *map(str, files)], check=True, capture_output=True
    )
    seconds = perf_counter() - start
    if not all(file.with_suffix(".pdf").exists() for file in files):
        raise SystemExit("LibreOffice made no PDF")
    return seconds


def print_lines(rounds: list[PrintRound]) -> Iterator[str]:
    """Yield the table of printing."""
    yield ""
    yield f"merge print --pdf, {rounds[0].letters:,} letters, seconds"
    heads = ("first", "again", "no covers", "LibreOffice: letters", "batches", "first MiB")
    yield f"  {'round':<7}" + "".join(f"{head:>{len(head) + 3}}" for head in heads)
    for number, printed in enumerate(rounds, 1):
        yield (
            f"  {number:<7}{printed.first.seconds:>8.2f}{printed.again.seconds:>8.2f}"
            f"{printed.uncovered.seconds:>12.2f}{printed.libreoffice:>23.2f}{printed.on_batches:>10.2f}"
            f"{printed.first.peak:>12.0f}"
        )


def main() -> int:
    """Measure and print, in three rounds."""
    if not has_libreoffice():
        print(NO_LIBREOFFICE)
        return 0
    with tempfile.TemporaryDirectory(prefix="merge-bench-") as root:
        for line in print_lines([run_print(Path(root)) for _ in range(3)]):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
