"""A problem or a fault, and its place in a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from merge.advice import DecisionRemedy, Hint, TaskRemedy

Level = Literal["error", "warning"]


def column_letter(number: int) -> str:
    """Return Excel's letter of a column counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """The place of a problem: a file, and in it a cell of a sheet or a paragraph of a part.

    `row` and `column` count from 1, 0 means the whole sheet; `paragraph` counts from 1 within
    its part, text boxes and table cells included, 0 means the whole part. `words` are the
    paragraph's own, as the user sees them. `person` is the name of the person in the row; screens
    and the terminal show it, `str` does not have it.
    """

    file: str
    sheet: str = ""
    column: int = 0
    row: int = 0
    part: str = ""
    paragraph: int = 0
    paragraph_text: str = ""
    person: str = field(default="", compare=False)

    @property
    def cell(self) -> str:
        """Return the cell's name in Excel, `G3`; a whole row is `3`, a whole sheet is empty."""
        return f"{column_letter(self.column)}{self.row or ''}"

    def __str__(self) -> str:
        if self.sheet:
            cell = f"{self.sheet}!{self.cell}" if self.cell else f"{self.sheet} sheet"
            return f"{self.file}, {cell}"
        if not self.part:
            return self.file
        if not self.paragraph:
            return f"{self.file}, {self.part}"
        part = "" if self.part == "body" else f"{self.part} "
        if not self.paragraph_text.strip():
            return f"{self.file}, {part}paragraph {self.paragraph}"
        line = f"{part}line “{shorten(self.paragraph_text)}”"
        return f"{self.file}, {line} (paragraph {self.paragraph})"


def shorten(words: str, most: int = 60) -> str:
    """Return text on one line, at most `most` characters, cut with an ellipsis."""
    line = " ".join(words.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def excerpt_around(words: str, part: str, most: int = 70) -> str:
    """Return text on one line, about `most` characters of it at most, those round `part`."""
    line = " ".join(words.split())
    middle = line.find(part) + len(part) // 2
    start = max(0, min(middle - most // 2, len(line) - most))
    cut = line[start : start + most].strip()
    return f"{'…' if start else ''}{cut}{'…' if start + most < len(line) else ''}"


def option_place(name: str, value: str = "") -> Place:
    """Return an option of the errand at hand as a place."""
    return Place(f"--{name.replace('_', '-')} {value}".rstrip())


Fields = tuple[tuple[str, object], ...]
"""The values in a message's sentences, by name."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong or doubtful: where, what, and what to do about it.

    The package `messages` makes it. `code` is stable and has its entry in docs/problems.md;
    `fields` are the values in the sentences, by name.
    """

    code: str
    place: Place
    what: str
    hint: str
    level: Level = "error"
    fields: Fields = field(default=(), compare=False)

    @property
    def remedies(self) -> tuple[TaskRemedy | DecisionRemedy, ...]:
        """Return what would settle it, as far as the program can do that."""
        parts = self.hint.parts if isinstance(self.hint, Hint) else ()
        return tuple(part for part in parts if isinstance(part, TaskRemedy | DecisionRemedy))

    def __str__(self) -> str:
        return f"{self.place}: {self.what} {self.hint}".rstrip()


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem whose place is not known where it is found."""

    code: str
    what: str
    hint: str
    level: Level = "error"
    fields: Fields = field(default=(), compare=False)

    def to_problem(self, place: Place) -> Problem:
        """Return the problem, at its place."""
        return Problem(
            code=self.code,
            place=place,
            what=self.what,
            hint=self.hint,
            level=self.level,
            fields=self.fields,
        )
