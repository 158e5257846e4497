"""`merge print --pdf` of 1,000 letters, beside LibreOffice alone on the same letters.

Those are in one .docx, without covers; and in the files that were printed, covers and all.
`python benchmarks/paper.py` measures and prints this alone.
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
NO_OFFICE = "soffice is not there: nothing is said of merge print --pdf"


@dataclass(frozen=True, slots=True)
class Paper:
    """One round: the command, with covers and without, each on letters that were never counted.

    `again` is the same as `first` once more. `libreoffice` are its seconds for one .docx of the
    letters, `on_batches` those for the files of `first`.
    """

    letters: int
    first: Measured
    again: Measured
    uncovered: Measured
    libreoffice: float
    on_batches: float


def has_office() -> bool:
    """Whether LibreOffice can be measured."""
    return shutil.which("soffice") is not None


def run_paper(root: Path) -> Paper:
    """Two new campaigns, printed; LibreOffice before it, on the same letters."""
    folder, other = campaign(root, *_PEOPLE), campaign(root, *_PEOPLE)
    count = _PEOPLE[0] * _PEOPLE[1]
    for each in (folder, other):
        run_letters(each, count)
    letters = [
        SourceFile(p.name, p.read_bytes()) for p in sorted((folder / "letters").rglob("*.docx"))
    ]
    alone = _libreoffice([combine_letters(letters, letters[0]).data], root)
    first = run(*MERGE, "print", str(folder), "--pdf")
    batches = [path.read_bytes() for path in sorted((folder / "print").rglob("*.docx"))]
    again = run(*MERGE, "print", str(folder), "--pdf")
    uncovered = run(*MERGE, "print", str(other), "--pdf", "--no-covers")
    return Paper(count, first, again, uncovered, alone, _libreoffice(batches, root))


def _libreoffice(documents: list[bytes], root: Path) -> float:
    """Seconds of one process for documents, its start included."""
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


def paper_lines(rounds: list[Paper]) -> Iterator[str]:
    """A table of what printing took."""
    yield ""
    yield f"merge print --pdf, {rounds[0].letters:,} letters, seconds"
    heads = ("first", "again", "no covers", "LibreOffice: letters", "batches", "first MiB")
    yield f"  {'round':<7}" + "".join(f"{head:>{len(head) + 3}}" for head in heads)
    for number, each in enumerate(rounds, 1):
        yield (
            f"  {number:<7}{each.first.seconds:>8.2f}{each.again.seconds:>8.2f}"
            f"{each.uncovered.seconds:>12.2f}{each.libreoffice:>23.2f}{each.on_batches:>10.2f}"
            f"{each.first.peak:>12.0f}"
        )


def main() -> int:
    """Measure and print, in three rounds."""
    if not has_office():
        print(NO_OFFICE)
        return 0
    with tempfile.TemporaryDirectory(prefix="merge-bench-") as root:
        for line in paper_lines([run_paper(Path(root)) for _ in range(3)]):
            print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
