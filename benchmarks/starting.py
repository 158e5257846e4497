"""Start from letters: the first finds and an answer, each with its limit.

`make bench ARGS=starting` prints the figures. Seconds are processor time.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from time import process_time

from program import BoundedFigure

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support.documents import docx
from support.start_letters import TEXT, letter_text

from merge.starting.letters import read_letter
from merge.starting.questions import StartAnswers
from merge.starting.start import find_placeholders

_PARAGRAPHS_OF_PAGE = 13


def measure(_: Path) -> Iterator[BoundedFigure]:
    """Yield the figures of letters that differ in each paragraph."""
    _find_twice(2, 1)  # words and names of countries are read once
    for count, pages, bounds in ((2, 3, (5.0, 1.0)), (20, 3, (10.0, 1.0)), (20, 50, (20.0, 20.0))):
        size = f"{count} letters of {pages} pages"
        for what, seconds, bound in zip(
            ("found", "an answer"), _find_twice(count, pages), bounds, strict=True
        ):
            yield BoundedFigure(f"{size}, {what}", seconds, bound)


def _find_twice(count: int, pages: int) -> Iterator[float]:
    letters = {f"letter{n}.docx": docx(_letter(n, pages)) for n in range(count)}
    find = partial(find_placeholders, letters, None, read=cache(read_letter))
    for answers in (StartAnswers(), StartAnswers(adds_signer=True)):
        start = process_time()
        found = find(answers)
        yield process_time() - start
        if not found.proof.holds:
            raise SystemExit(f"{count} letters of {pages} pages do not come back")


def _letter(number: int, pages: int) -> str:
    town = f"Town {number}"
    body = (
        f"Paragraph {n}. {TEXT} {TEXT} {TEXT} {TEXT} The town is {town}."
        for n in range(pages * _PARAGRAPHS_OF_PAGE)
    )
    name = f"Mr Li {chr(ord('A') + number)}ei"
    return letter_text(name, f"Judge of {town}", f"30{number:02} Bern", f"Judge {number}", *body)
