"""Letters combined into one .docx: 200 and 1,000, each in a new process.

`python benchmarks/printing.py` measures and prints this alone; `run.py` uses `run_piles` and
`pile_lines`. The letters are on the disk as `merge print` finds them, every tenth of them edited.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from contenders import AppealMerge
from documents import Design, designs
from docx import Document
from docx.shared import Pt
from people import letters
from program import run

from merge.ooxml.package_builder import SourceFile
from merge.printing.combine.letter import combine_letters

FEW, MANY = 200, 1_000
BOUND = 6
"""Largest ratio of the seconds of the many letters to those of the few.

The few are a fifth of the many.
"""

_EDITED = 10
"""One of so many letters is edited, in larger type."""


@dataclass(frozen=True, slots=True)
class CombinedFigures:
    """Letters in one file: seconds without the start of Python, peak in MiB."""

    letters: int
    seconds: float
    peak: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class CombinedRounds:
    """One template's rounds, each with the few and the many."""

    design: str
    few: list[CombinedFigures]
    many: list[CombinedFigures]

    @property
    def times(self) -> list[float]:
        """Ratio of the seconds of the many to those of the few, for each round."""
        return [b.seconds / a.seconds for a, b in zip(self.few, self.many, strict=True)]


def run_piles(root: Path, rounds: int) -> Iterator[CombinedRounds]:
    """Yield rounds of the shipped template, and of the complex one."""
    for design in (designs()[0], designs()[-1]):
        folder = _written(design, Path(tempfile.mkdtemp(prefix="piles-", dir=root)))
        piles = CombinedRounds(design.name, [], [])
        for _ in range(rounds):
            piles.few.append(_run(folder, FEW))
            piles.many.append(_run(folder, MANY))
        yield piles


def _written(design: Design, folder: Path) -> Path:
    """Create the largest number of letters in a folder, by this program."""
    template = folder / "template.docx"
    template.write_bytes(design.tags)
    ours = AppealMerge(template, has_table=design.has_table)
    for number, data in enumerate(ours.prepare(letters(MANY))):
        letter = ours.fill(data)
        data_on_disk = letter if (number + 1) % _EDITED else _edited(letter)
        (folder / f"{number}.docx").write_bytes(data_on_disk)
    return folder


def _edited(letter: bytes) -> bytes:
    document = Document(io.BytesIO(letter))
    document.styles["Normal"].font.size = Pt(13)
    document.add_paragraph("Added by hand.")
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def _run(folder: Path, count: int) -> CombinedFigures:
    """Combine that many letters in a process of its own."""
    result_file = folder / "result.json"
    measured = run(sys.executable, __file__, str(folder), str(count), str(result_file))
    seconds, size = json.loads(result_file.read_text(encoding="utf-8"))
    return CombinedFigures(count, seconds, measured.peak, size / 1e6)


def _combine(folder: Path, count: int, result_file: Path) -> None:
    """Combine letters, as that process does: each is read when it is needed."""
    pieces = (_piece(folder, number) for number in range(count))
    base = _piece(folder, 0)
    start = perf_counter()
    combined = combine_letters(pieces, base, "Letters")
    seconds = perf_counter() - start
    (folder / "whole.docx").write_bytes(combined.data)
    result_file.write_text(json.dumps([seconds, len(combined.data)]), encoding="utf-8")


def _piece(folder: Path, number: int) -> SourceFile:
    data = (folder / f"{number}.docx").read_bytes()
    return SourceFile(f"{number}.docx", data, starts_on_front=True, page_count=1)


def pile_lines(piles: CombinedRounds) -> Iterator[str]:
    """Yield a template's table, and whether time and memory are in limits."""
    yield ""
    yield f"Letters put into one file, the {piles.design} template"
    yield f"  {'letters':>8}{'seconds':>9}{'ms/letter':>11}{'peak MiB':>10}{'file MB':>9}"
    for rounds in (piles.few, piles.many):
        yield _line(rounds)
    between = f"{min(piles.times):.2f} to {max(piles.times):.2f}"
    verdict = "reached" if median(piles.times) <= BOUND else "not reached"
    yield (
        f"  {MANY:,} / {FEW} letters: {median(piles.times):.2f} x the seconds (rounds: {between}; "
        f"at most {BOUND}, {verdict}), {_peak(piles.many) / _peak(piles.few):.2f} x the peak"
    )


def _line(rounds: Sequence[CombinedFigures]) -> str:
    seconds, count = median(pile.seconds for pile in rounds), rounds[0].letters
    return (
        f"  {count:>8,}{seconds:>9.2f}{seconds / count * 1000:>11.2f}"
        f"{_peak(rounds):>10.0f}{rounds[0].megabytes:>9.2f}"
    )


def _peak(rounds: Sequence[CombinedFigures]) -> float:
    return median(pile.peak for pile in rounds)


def main(arguments: Sequence[str]) -> int:
    """Measure and print, in three rounds.

    With arguments, be the process that is measured.
    """
    if arguments:
        folder, count, result_file = arguments
        _combine(Path(folder), int(count), Path(result_file))
        return 0
    with tempfile.TemporaryDirectory(prefix="merge-bench-") as root:
        for piles in run_piles(Path(root), rounds=3):
            for line in pile_lines(piles):
                print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
