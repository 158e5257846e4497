"""Pieces, one after the other, into one .docx."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from merge.model import Problem, StorageError
from merge.ooxml.package import Piece, Source
from merge.printing.combine.letter import add
from merge.printing.combine.whole import Whole


@dataclass(frozen=True, slots=True)
class Combined:
    """The whole .docx, and what the pieces lose in it or is doubtful in them: warnings.

    `marks` are the bookmarks that the pieces begin with, in their order.
    """

    data: bytes
    marks: tuple[str, ...]
    problems: tuple[Problem, ...]


def combine(pieces: Iterable[Piece], base: Piece, title: str = "") -> Combined:
    """Put pieces one after the other, each in sections of its own.

    The whole has the styles, lists, theme and settings of `base`, a letter like most others; what a
    piece has otherwise comes beside them. One piece is held at a time. StorageError tells of every
    piece that cannot be read, UsageError of more lists than Word can number.
    """
    try:
        whole = Whole(Source(base))
    except StorageError as error:
        raise StorageError([*_unreadable(pieces)] or error.problems) from error
    marks: list[str] = []
    told: list[Problem] = []
    unreadable: list[Problem] = []
    for piece, last in _with_last(pieces):
        marks.append(f"letter_{len(marks) + 1}")
        try:
            told += add(whole, piece, marks[-1], last=last)
        except StorageError as error:
            unreadable += error.problems
    if unreadable:
        raise StorageError(unreadable)
    return Combined(whole.finished(title), tuple(marks), tuple(told))


def _unreadable(pieces: Iterable[Piece]) -> Iterator[Problem]:
    """What is wrong with those that could not be a base either."""
    for piece in pieces:
        try:
            Whole(Source(piece))
        except StorageError as error:
            yield from error.problems


def _with_last(pieces: Iterable[Piece]) -> Iterator[tuple[Piece, bool]]:
    """Each piece, and whether it is the last."""
    waiting = None
    for piece in pieces:
        if waiting:
            yield waiting, False
        waiting = piece
    if waiting:
        yield waiting, True
