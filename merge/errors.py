"""Errors by who must act, and faults whose place is not known yet."""

from __future__ import annotations

import platform
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from merge.problems import Fault, Place, Problem
from merge.product import __version__


class MergeError(Exception):
    """Something a person can put right. `problems` holds at least one."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def is_transient(self) -> bool:
        """Whether it may be right in a moment, as `has_transient_problem` says."""
        return has_transient_problem(self.problems)


def has_transient_problem(problems: Iterable[Problem]) -> bool:
    """Return whether one may be gone in a moment: a file is being saved, or a program holds it.

    What was known before is as good as it was.
    """
    return any(problem.code in _TRANSIENT_CODES for problem in problems)


_TRANSIENT_CODES = {"file-being-saved", "workbook-locked", "template-locked", "folder-busy"}


def crash_report_lines(error: Exception) -> list[str]:
    """Return what to send to whoever looks after the program, of an error that is its own.

    There are no values in it: they may name people.
    """
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return [
        f"merge {__version__}, Python {platform.python_version()}, {platform.system()}",
        type(error).__name__,
        *(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames),
    ]


class TemplateError(MergeError):
    """The author of the Word template must act."""


class DataError(MergeError):
    """Whoever keeps the Excel workbook must act."""


class UsageError(MergeError):
    """Whoever typed the command must act."""


class StorageError(MergeError):
    """The disk, a folder's permissions or another program stands in the way."""


class FaultError(Exception):
    """A fault that ends some work; whoever knows the place makes a MergeError or a problem of it.

    `becomes` is the MergeError, where whoever finds the fault knows who must act.
    """

    def __init__(self, fault: Fault, error_class: type[MergeError] = MergeError) -> None:
        self.fault, self.error_class = fault, error_class
        super().__init__(fault.what)

    def to_problem(self, place: Place) -> Problem:
        """Return the problem, at its place."""
        return self.fault.to_problem(place)


_Error = TypeVar("_Error", bound=Exception)


@contextmanager
def translate_errors(
    errors: type[_Error] | tuple[type[_Error], ...], convert: Callable[[_Error], Exception]
) -> Iterator[None]:
    """Raise what `into` makes of an error that comes from outside, with that as its cause."""
    try:
        yield
    except errors as error:
        raise convert(error) from error
