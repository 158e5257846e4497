"""What can be done about a problem: tasks, options and decisions, called as buttons are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

Choice = Literal["keep", "new", "print", "same", "other", "hide"]
"""What staff can decide.

A letter: keep my file; create it again and keep mine as an old version; print mine as is. A person
with a new name: the same person; someone else. A warning: ignore it.
"""


@dataclass(frozen=True, slots=True)
class TaskRemedy:
    """A remedy: an errand of the program, with the options that it needs, by name.

    A blank value is that of an option without one. A face makes a command of it, or a button.
    """

    task: str
    options: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        name = self.options[0][0] if self.options else _TASK_NAMES.get(self.task, self.task)
        return f"“{name.replace('_', ' ').capitalize()}”"


_TASK_NAMES = {
    "letters": "create letters",
    "new": "create campaign",
    "placeholders": "all placeholders",
}


@dataclass(frozen=True, slots=True)
class DecisionRemedy:
    """A remedy: what staff can decide, and of whom: a name or ID, a kind of letters."""

    choice: Choice
    target: str

    def __str__(self) -> str:
        return f"“{_CHOICE_LABELS[self.choice]}”"


_CHOICE_LABELS: Mapping[Choice, str] = {
    "keep": "Keep my version",
    "new": "Use new version",
    "print": "Print as is",
    "same": "Same person",
    "other": "Someone else",
    "hide": "Ignore",
}


@dataclass(frozen=True, slots=True)
class TaskOption:
    """An option of the current command that staff should add or omit."""

    name: str
    value: str = ""

    def __str__(self) -> str:
        return f"“{self.name.replace('_', ' ').capitalize()}”"


class Hint(str):
    """A hint in which remedies stand as values: as text, they are called what a button would be."""

    __slots__ = ("parts",)

    parts: tuple[str | TaskRemedy | DecisionRemedy | TaskOption, ...]

    def __new__(cls, *parts: str | TaskRemedy | DecisionRemedy | TaskOption) -> Self:
        """Make a hint of words and remedies; another one among them is taken in with its own."""
        self = super().__new__(cls, "".join(map(str, parts)))
        self.parts = tuple(
            piece for part in parts for piece in (part.parts if isinstance(part, Hint) else [part])
        )
        return self
