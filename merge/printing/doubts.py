"""What is doubtful about how letters fit their pages; what a group has in common is told once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from merge.model import Person, Place, Problem
from merge.printing.fit import Fit
from merge.printing.writer import shown

_NEEDED = 20
"""Millimetres that a signature needs."""

_INEXACT = 0.5
"""Millimetres: how far down the line above reaches does not stand in a PDF."""

_GROUP = 3
"""Letters that are told together, where it is all of a person's."""

_Side = Literal["signer", "recipient"]


@dataclass(frozen=True, slots=True)
class _Group:
    """Letters with one fault, and what they are called: one, or all of a person's, or all."""

    name: str
    fits: Sequence[Fit]

    def problem(self, code: str, what: str, hint: str) -> Problem:
        place = Place(shown(self.fits[0].letter.path))
        return Problem(code, place, what, hint, "warning")


def doubts(fits: Sequence[Fit], limit: int) -> tuple[Problem, ...]:
    """Warnings: letters with more pages than the limit, signatures left alone or without room.

    Where it is all letters to a recipient or of a signer, or all there are, it is told once for
    them; the place is then the first of them.
    """
    long = [fit for fit in fits if fit.pages > limit]
    alone = [fit for fit in fits if fit.lone_signature]
    tight = [fit for fit in fits if _room(fit) < _NEEDED - _INEXACT]
    return (
        *(_too_long(group, limit) for group in _groups(long, fits)),
        *(_left_alone(group) for group in _groups(alone, fits)),
        *(_without_room(group) for group in _groups(tight, fits)),
    )


def _room(fit: Fit) -> float:
    return _NEEDED if fit.room_mm is None else fit.room_mm


def _too_long(group: _Group, limit: int) -> Problem:
    counts = sorted({fit.pages for fit in group.fits})
    pages = " to ".join(map(str, dict.fromkeys((counts[0], counts[-1]))))
    what = f"{pages} pages in {group.name}; the limit is {limit}."
    hint = "Shorten the text or make the margins smaller, or raise Pages in the sheet Settings."
    return group.problem("letter-too-long", what, hint)


def _left_alone(group: _Group) -> Problem:
    what = f"the signature stands alone on the last page of {group.name}."
    hint = "Shorten the text, or set Keep with next for the paragraphs before the name."
    return group.problem("signature-alone", what, hint)


def _without_room(group: _Group) -> Problem:
    room = min(map(_room, group.fits))
    what = f"{max(room, 0):.0f} mm above the typed name in {group.name}; to sign takes {_NEEDED}."
    hint = "Give the name's paragraph more space before it: 2 cm is 57 pt."
    return group.problem("signature-room", what, hint)


def _groups(faulty: Sequence[Fit], fits: Sequence[Fit]) -> Iterator[_Group]:
    if len(faulty) == len(fits) >= _GROUP:
        yield _together(faulty, "")
        return
    for side, word in _SIDES:
        whole, rest = _by(side, fits), []
        for person, own in _by(side, faulty).items():
            if len(own) == len(whole[person]) >= _GROUP:
                yield _together(own, f" {word} {_person(own[0], side).label}")
            else:
                rest += own
        faulty = rest
    for fit in faulty:
        pair = fit.letter.pair
        yield _Group(f"the letter of {pair.signer.label} to {pair.recipient.label}", [fit])


_SIDES: tuple[tuple[_Side, str], ...] = (("recipient", "to"), ("signer", "of"))


def _together(fits: Sequence[Fit], whose: str) -> _Group:
    return _Group(f"this and the other {len(fits) - 1} letters{whose}", fits)


def _by(side: _Side, fits: Sequence[Fit]) -> dict[str, list[Fit]]:
    """The letters of each person, by the person's key."""
    found: dict[str, list[Fit]] = {}
    for fit in fits:
        found.setdefault(_person(fit, side).key, []).append(fit)
    return found


def _person(fit: Fit, side: _Side) -> Person:
    pair = fit.letter.pair
    return pair.signer if side == "signer" else pair.recipient
