"""Warnings about letters that do not fit their pages or the other letters.

Letters that have the same problem are reported together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from merge import messages
from merge.disk import short_path
from merge.letter_status import PrintableLetter
from merge.ooxml.new_docx import PaperSize
from merge.printing.batches import Batch
from merge.printing.pages import PageFit
from merge.problems import Place, Problem

_SIGNATURE_HEIGHT = 20  # Millimetres that a signature needs
_TOLERANCE = 0.5  # Millimetres: a PDF does not contain the lower end of the line above
_MIN_GROUP = 3  # Letters that are called `all`, if all have the problem
_MAX_NAMED = 5  # Letters that a warning names


def layout_warnings(fits: Sequence[PageFit], limit: int) -> tuple[Problem, ...]:
    """Return warnings about pages and signatures, one for each cause.

    1. Letters have more pages than the limit.
    2. Signatures are alone on their page, or have not enough space.

    The place of a warning is the first of its letters.
    """
    problems = []
    if long := [fit for fit in fits if fit.pages > limit]:
        counts = sorted({fit.pages for fit in long})
        pages = " to ".join(map(str, dict.fromkeys((counts[0], counts[-1]))))
        problems.append(_warning("letter-too-long", long, fits, pages=pages, limit=limit))
    if lone := [fit for fit in fits if fit.lone_signature]:
        problems.append(_warning("signature-alone", lone, fits))
    room_needed = _SIGNATURE_HEIGHT - _TOLERANCE
    tight = [fit for fit in fits if fit.room_mm is not None and fit.room_mm < room_needed]
    if tight:
        room = round(max(0, min(fit.room_mm for fit in tight if fit.room_mm is not None)))
        problems.append(
            _warning("signature-room", tight, fits, room=room, needed=_SIGNATURE_HEIGHT)
        )
    return tuple(problems)


def _warning(
    code: str, faulty: Sequence[PageFit], fits: Sequence[PageFit], **fields: str | int
) -> Problem:
    place = Place(short_path(faulty[0].letter.path))
    return messages.problem(code, place, letters=_letters_name(faulty, fits), **fields)


def _letters_name(faulty: Sequence[PageFit], fits: Sequence[PageFit]) -> str:
    """Return the name of one letter, some letters, or all, in a message."""
    number = len(faulty)
    if number == len(fits) >= _MIN_GROUP:
        return f"all {number:,} letters"
    names = [_pair_label(fit.letter) for fit in faulty[:_MAX_NAMED]]
    if number == 1:
        return f"the letter from {names[0]}"
    rest = f" and {number - len(names):,} more" if number > len(names) else ""
    return f"{number:,} letters ({', '.join(names)}{rest})"


def _pair_label(letter: PrintableLetter) -> str:
    return f"{letter.pair.signer.label} to {letter.pair.recipient.label}"


def paper_warnings(
    print_files: Iterable[Batch], paper_of: Callable[[PrintableLetter], PaperSize]
) -> Iterator[Problem]:
    """Yield a warning for each paper size of few letters in a print file.

    The size of most of its letters is the right one.
    """
    others = defaultdict[tuple[str, str], list[PrintableLetter]](list)
    for batch in print_files:
        papers = [(paged.letter, paper_of(paged.letter).name) for paged in batch.letters]
        ((usual, _),) = Counter(paper for _, paper in papers).most_common(1)
        for letter, paper in papers:
            if paper != usual:
                others[paper, usual].append(letter)
    for (paper, usual), letters in others.items():
        yield messages.problem(
            "mixed-papers",
            Place(short_path(letters[0].path)),
            letters=[*map(_pair_label, letters)],
            paper=paper,
            usual=usual,
        )
