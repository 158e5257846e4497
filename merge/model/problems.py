"""Where something is wrong, what it is, what to do; the errors, by who must act."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


def column_letter(number: int) -> str:
    """Excel's letter of a column counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a problem is: a file, and in it a cell of a sheet or a paragraph of a part.

    `row` and `column` count from 1, 0 means the whole sheet; `paragraph` counts from 1 within
    its part, text boxes and table cells included, 0 means the whole part. `words` are the
    paragraph's own, as the user sees them.
    """

    file: str
    sheet: str = ""
    column: int = 0
    row: int = 0
    part: str = ""
    paragraph: int = 0
    words: str = ""

    @property
    def cell(self) -> str:
        """The cell's name in Excel, `G3`; a whole row is `3`, a whole sheet is empty."""
        return f"{column_letter(self.column)}{self.row or ''}"

    def __str__(self) -> str:
        if self.sheet:
            return f"{self.file}, {self.sheet}!{self.cell}" if self.cell else self._sheet_text()
        return f"{self.file}, {self._part_text()}" if self.part else self.file

    def _sheet_text(self) -> str:
        return f"{self.file}, sheet {self.sheet}"

    def _part_text(self) -> str:
        if not self.paragraph:
            return self.part
        words = f' "{shortened(self.words)}"' if self.words.strip() else ""
        return f"{self.part} paragraph {self.paragraph}{words}"


def shortened(words: str, most: int = 60) -> str:
    """Text on one line, at most `most` characters, cut with an ellipsis."""
    line = " ".join(words.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def around(words: str, part: str, most: int = 70) -> str:
    """Text on one line, at most about `most` characters of it, those round a part of it."""
    line = " ".join(words.split())
    middle = line.find(part) + len(part) // 2
    start = max(0, min(middle - most // 2, len(line) - most))
    cut = line[start : start + most].strip()
    return f"{'…' if start else ''}{cut}{'…' if start + most < len(line) else ''}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong or doubtful: where, what, and what to do about it.

    `code` is stable and stands in the docs page "Problems you may see".
    """

    code: str
    place: Place
    what: str
    hint: str
    level: Level = "error"

    def __str__(self) -> str:
        return f"{self.place}: {self.what} {self.hint}".rstrip()


class MergeError(Exception):
    """Something a person can put right. `problems` holds at least one."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class TemplateError(MergeError):
    """The author of the Word template must act."""


class DataError(MergeError):
    """Whoever keeps the Excel workbook must act."""


class UsageError(MergeError):
    """Whoever typed the command must act."""


class StorageError(MergeError):
    """The disk, a folder's permissions or another program stands in the way."""
