"""Problems and faults, and their places in files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from merge.advice import DecisionRemedy, Hint, TaskRemedy

Level = Literal["error", "warning"]


def column_letter(number: int) -> str:
    """Return Excel's letter for a column number from 1: 1 is A, 27 is AA."""
    letters = ""
    while number > 0:
        number, remainder = divmod(number - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """The place of a problem: a file, and a cell or a paragraph in it.

    1. `row` and `column` count from 1; 0 means the complete sheet.
    2. `paragraph` counts from 1 within its part, including text boxes and table cells; 0 means the
       complete part.
    3. `paragraph_text` is the text of the paragraph as the user sees it.
    4. `person` is the name of the person in the row. Screens and the terminal show it; `str` does
       not.
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
        """The cell in Excel's notation: `G3`; `3` for a row, empty for a sheet."""
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
    """Return text on one line, cut to `most` characters with an ellipsis."""
    line = " ".join(words.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def excerpt_around(words: str, part: str, most: int = 70) -> str:
    """Return about `most` characters of a text, on one line, around a part."""
    line = " ".join(words.split())
    middle = line.find(part) + len(part) // 2
    start = max(0, min(middle - most // 2, len(line) - most))
    cut = line[start : start + most].strip()
    return f"{'…' if start else ''}{cut}{'…' if start + most < len(line) else ''}"


def option_place(name: str, value: str = "") -> Place:
    """Return an option of the current task as a place."""
    return Place(f"--{name.replace('_', '-')} {value}".rstrip())


Fields = tuple[tuple[str, object], ...]
"""Values of the fields in a message, by name."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error or a warning: its place, what is wrong, and what to do.

    The package `messages` creates problems. `code` is stable and is described in docs/problems.md.
    `fields` has the values in the sentences, by name.
    """

    code: str
    place: Place
    what: str
    hint: str
    level: Level = "error"
    fields: Fields = field(default=(), compare=False)

    @property
    def remedies(self) -> tuple[TaskRemedy | DecisionRemedy, ...]:
        """Remedies in the hint that the program itself can do."""
        parts = self.hint.parts if isinstance(self.hint, Hint) else ()
        return tuple(part for part in parts if isinstance(part, TaskRemedy | DecisionRemedy))

    def __str__(self) -> str:
        return f"{self.place}: {self.what} {self.hint}".rstrip()


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem whose place is not known yet."""

    code: str
    what: str
    hint: str
    level: Level = "error"
    fields: Fields = field(default=(), compare=False)

    def to_problem(self, place: Place) -> Problem:
        """Return the fault as a problem at a place."""
        return Problem(
            code=self.code,
            place=place,
            what=self.what,
            hint=self.hint,
            level=self.level,
            fields=self.fields,
        )
