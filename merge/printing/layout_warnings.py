"""Warnings about letters that do not fit their pages well.

Letters that have the same problem are reported together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from merge import messages
from merge.disk import short_path
from merge.naming import join_first
from merge.printing.batches import Side, person_of
from merge.printing.pages import PageFit
from merge.problems import Place, Problem

_SIGNATURE_HEIGHT = 20  # Millimetres that a signature needs
_TOLERANCE = 0.5  # Millimetres: a PDF does not contain the lower end of the line above
_MIN_GROUP = 3  # Letters of one person that are reported together, if all have the problem
_MIN_COUNTED = 5  # Letters of any people that are reported together
_MAX_NAMED = 10  # Letters that are named if many are reported together
_SIDES: tuple[tuple[Side, str], ...] = (("recipient", "to"), ("signer", "from"))


@dataclass(frozen=True, slots=True)
class _LetterGroup:
    """Letters with one problem: a single one, all of a person, or all.

    `name` is their name in messages.
    """

    name: str
    fits: Sequence[PageFit]

    def problem(self, code: str, **fields: str | int) -> Problem:
        place = Place(short_path(self.fits[0].letter.path))
        return messages.problem(code, place, letters=self.name, **fields)


def layout_warnings(fits: Sequence[PageFit], limit: int) -> tuple[Problem, ...]:
    """Return warnings about the pages and signatures of letters.

    1. A letter has more pages than the limit.
    2. A signature is alone on its page, or has not enough space.
    3. If all letters of a person, or all letters, have a problem, one warning is enough for them.
       So it is for many that remain. Its place is then the first letter.
    """
    problems = []
    for group in _group_letters([fit for fit in fits if fit.pages > limit], fits):
        counts = sorted({fit.pages for fit in group.fits})
        pages = " to ".join(map(str, dict.fromkeys((counts[0], counts[-1]))))
        problems.append(group.problem("letter-too-long", pages=pages, limit=limit))
    lone = _group_letters([fit for fit in fits if fit.lone_signature], fits)
    problems += [group.problem("signature-alone") for group in lone]
    tight = [
        fit
        for fit in fits
        if fit.room_mm is not None and fit.room_mm < _SIGNATURE_HEIGHT - _TOLERANCE
    ]
    for group in _group_letters(tight, fits):
        room = min(fit.room_mm for fit in group.fits if fit.room_mm is not None)
        room = round(max(room, 0))
        problems.append(group.problem("signature-room", room=room, needed=_SIGNATURE_HEIGHT))
    return tuple(problems)


def _group_letters(faulty: Sequence[PageFit], fits: Sequence[PageFit]) -> Iterator[_LetterGroup]:
    if len(faulty) == len(fits) >= _MIN_GROUP:
        yield _all_in_one_group(faulty, "")
        return
    for side, word in _SIDES:
        total, rest = _group_by_person(side, fits), []
        for key, faulty_of_person in _group_by_person(side, faulty).items():
            if len(faulty_of_person) == len(total[key]) >= _MIN_GROUP:
                yield _all_in_one_group(
                    faulty_of_person, f" {word} {person_of(faulty_of_person[0].letter, side).label}"
                )
            else:
                rest += faulty_of_person
        faulty = rest
    if len(faulty) >= _MIN_COUNTED:
        named = join_first([_pair_label(fit) for fit in faulty], _MAX_NAMED)
        yield _LetterGroup(f"{len(faulty)} letters ({named})", faulty)
        return
    for fit in faulty:
        yield _LetterGroup(f"the letter from {_pair_label(fit)}", [fit])


def _pair_label(fit: PageFit) -> str:
    pair = fit.letter.pair
    return f"{pair.signer.label} to {pair.recipient.label}"


def _all_in_one_group(fits: Sequence[PageFit], owner: str) -> _LetterGroup:
    return _LetterGroup(f"this and the other {len(fits) - 1} letters{owner}", fits)


def _group_by_person(side: Side, fits: Sequence[PageFit]) -> dict[str, list[PageFit]]:
    """Return the page layouts of each person's letters, by the person's key."""
    by_person: dict[str, list[PageFit]] = {}
    for fit in fits:
        by_person.setdefault(person_of(fit.letter, side).key, []).append(fit)
    return by_person
