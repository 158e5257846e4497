"""Remedies in hints, as values: tasks, options and decisions.

As text, a remedy has the name of the button that does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

Choice = Literal["keep", "new", "print", "same", "other", "hide", "seen"]
"""A choice that staff make in a decision.

1. For a letter: keep my file; create it again and keep mine as an old version; print mine as is.
2. For a person with a new name: the same person; someone else.
3. For a warning: ignore it.
4. For what proofreading says about a letter: someone has seen it.
"""


@dataclass(frozen=True, slots=True)
class TaskRemedy:
    """A remedy: a task of the program, with its options by name.

    An option without a value has a blank one. A front end shows the remedy as a command or a
    button.
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
    """A remedy: a decision that staff can make.

    `target` says what it is about: the name or ID of a person, the ID of a letter, or a kind of
    letter.
    """

    choice: Choice
    target: str

    def __str__(self) -> str:
        return f"“{_CHOICE_LABELS[self.choice]}”"


_CHOICE_LABELS: Mapping[Choice, str] = {
    "keep": "Keep my version",
    "new": "Use new version",
    "print": "Print without the new data",
    "same": "Same person",
    "other": "Someone else",
    "hide": "Ignore",
}


@dataclass(frozen=True, slots=True)
class TaskOption:
    """An option of the current task that staff should add or omit."""

    name: str
    value: str = ""

    def __str__(self) -> str:
        return f"“{self.name.replace('_', ' ').capitalize()}”"


class Hint(str):
    """A hint whose remedies are values, which a front end can word itself.

    As text, each remedy has the name that its button would have.
    """

    __slots__ = ("parts",)

    parts: tuple[str | TaskRemedy | DecisionRemedy | TaskOption, ...]

    def __new__(cls, *parts: str | TaskRemedy | DecisionRemedy | TaskOption) -> Self:
        """Create a hint from text and remedies.

        The parts of another hint are included one by one.
        """
        self = super().__new__(cls, "".join(map(str, parts)))
        self.parts = tuple(
            piece for part in parts for piece in (part.parts if isinstance(part, Hint) else [part])
        )
        return self
