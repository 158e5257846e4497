"""Letters put into one .docx for printing: 200 and 1,000 of them, each time in a new process.

`python benchmarks/printing.py` measures and prints; `run.py` can do the same by `run_piles` and
`pile_lines`. Letters lie on the disk as `merge print` finds them, every tenth of them edited.
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

from contenders import Ours
from documents import Design, designs
from docx import Document
from docx.shared import Pt
from people import letters
from program import run

from merge.ooxml.package_builder import SourceFile
from merge.printing.combine.letter import combine_letters

FEW, MANY = 200, 1_000
BOUND = 6
"""How many times as long the many letters may take as the few, which are a fifth of them."""

_EDITED = 10
"""Of so many letters one was edited, in larger type."""


@dataclass(frozen=True, slots=True)
class Pile:
    """Letters in one file: the seconds without the start of Python, the most memory in MiB."""

    letters: int
    seconds: float
    peak: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Piles:
    """One template's rounds, in each of them the few and the many."""

    design: str
    few: list[Pile]
    many: list[Pile]

    @property
    def times(self) -> list[float]:
        """The seconds of the many over those of the few, round by round."""
        return [b.seconds / a.seconds for a, b in zip(self.few, self.many, strict=True)]


def run_piles(root: Path, rounds: int) -> Iterator[Piles]:
    """The shipped template, and the one with tags in header and footer and a table."""
    for design in (designs()[0], designs()[-1]):
        folder = _written(design, Path(tempfile.mkdtemp(prefix="piles-", dir=root)))
        piles = Piles(design.name, [], [])
        for _ in range(rounds):
            piles.few.append(_run(folder, FEW))
            piles.many.append(_run(folder, MANY))
        yield piles


def _written(design: Design, folder: Path) -> Path:
    """A folder with as many letters as are ever wanted, made by us."""
    template = folder / "template.docx"
    template.write_bytes(design.tags)
    ours = Ours(template, has_table=design.has_table)
    for number, data in enumerate(ours.prepare(letters(MANY))):
        letter = ours.fill(data)
        made = letter if (number + 1) % _EDITED else _edited(letter)
        (folder / f"{number}.docx").write_bytes(made)
    return folder


def _edited(letter: bytes) -> bytes:
    document = Document(io.BytesIO(letter))
    document.styles["Normal"].font.size = Pt(13)
    document.add_paragraph("Added by hand.")
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def _run(folder: Path, count: int) -> Pile:
    """A process that puts that many letters into one file."""
    told = folder / "told.json"
    done = run(sys.executable, __file__, str(folder), str(count), str(told))
    seconds, size = json.loads(told.read_text(encoding="utf-8"))
    return Pile(count, seconds, done.peak, size / 1e6)


def _put_together(folder: Path, count: int, told: Path) -> None:
    """What that process does: letters are read one by one, as they are needed."""
    pieces = (_piece(folder, number) for number in range(count))
    base = _piece(folder, 0)
    start = perf_counter()
    whole = combine_letters(pieces, base, "Letters")
    seconds = perf_counter() - start
    (folder / "whole.docx").write_bytes(whole.data)
    told.write_text(json.dumps([seconds, len(whole.data)]), encoding="utf-8")


def _piece(folder: Path, number: int) -> SourceFile:
    data = (folder / f"{number}.docx").read_bytes()
    return SourceFile(f"{number}.docx", data, starts_on_front=True, page_count=1)


def pile_lines(piles: Piles) -> Iterator[str]:
    """A template's table, and whether time and memory grow as they may."""
    yield ""
    yield f"Letters put into one file, the {piles.design} template"
    yield f"  {'letters':>8}{'seconds':>9}{'ms/letter':>11}{'peak MiB':>10}{'file MB':>9}"
    for each in (piles.few, piles.many):
        yield _line(each)
    between = f"{min(piles.times):.2f} to {max(piles.times):.2f}"
    verdict = "reached" if median(piles.times) <= BOUND else "not reached"
    yield (
        f"  {MANY:,} / {FEW} letters: {median(piles.times):.2f} x the seconds (rounds: {between}; "
        f"at most {BOUND}, {verdict}), {_peak(piles.many) / _peak(piles.few):.2f} x the peak"
    )


def _line(rounds: Sequence[Pile]) -> str:
    seconds, count = median(pile.seconds for pile in rounds), rounds[0].letters
    return (
        f"  {count:>8,}{seconds:>9.2f}{seconds / count * 1000:>11.2f}"
        f"{_peak(rounds):>10.0f}{rounds[0].megabytes:>9.2f}"
    )


def _peak(rounds: Sequence[Pile]) -> float:
    return median(pile.peak for pile in rounds)


def main(arguments: Sequence[str]) -> int:
    """Measure and print, in three rounds; with arguments, be the process that is measured."""
    if arguments:
        folder, count, told = arguments
        _put_together(Path(folder), int(count), Path(told))
        return 0
    with tempfile.TemporaryDirectory(prefix="merge-bench-") as root:
        for piles in run_piles(Path(root), rounds=3):
            for line in pile_lines(piles):
                print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
