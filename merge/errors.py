"""Error classes, by who must act; faults whose place is not known yet."""

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
    """An error that a person can fix. `problems` has at least one problem."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @property
    def is_transient(self) -> bool:
        """Whether the error may be gone in a moment without any action."""
        return has_transient_problem(self.problems)


def has_transient_problem(problems: Iterable[Problem]) -> bool:
    """Return whether a problem may be gone in a moment without any action.

    A file is being saved, or another program holds it. What was read before is then still valid.
    """
    return any(problem.code in _TRANSIENT_CODES for problem in problems)


_TRANSIENT_CODES = {"file-being-saved", "workbook-locked", "template-locked", "folder-busy"}


def crash_report_lines(error: BaseException) -> list[str]:
    """Return the lines about a crash for the support contact.

    They contain no values, because these may be names of people.
    """
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return [
        f"merge {__version__}, Python {platform.python_version()}, {platform.system()}",
        type(error).__name__,
        *(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames),
    ]


class TemplateError(MergeError):
    """An error that the author of the Word template must fix."""


class DataError(MergeError):
    """An error that the person who maintains the Excel workbook must fix."""


class UsageError(MergeError):
    """An error in the command or the call, which its author must fix."""


class StorageError(MergeError):
    """An error of the disk, of permissions or of another program.

    The person who maintains the computer must fix it.
    """


class FaultError(Exception):
    """A fault that ends some work, raised where the place is not known.

    The caller that knows the place turns it into a problem or a MergeError. `error_class` is the
    class of that error, if the code that finds the fault knows who must act.
    """

    def __init__(self, fault: Fault, error_class: type[MergeError] = MergeError) -> None:
        self.fault, self.error_class = fault, error_class
        super().__init__(fault.what)

    def to_problem(self, place: Place) -> Problem:
        """Return the fault as a problem at a place."""
        return self.fault.to_problem(place)


_Error = TypeVar("_Error", bound=Exception)


@contextmanager
def translate_errors(
    errors: type[_Error] | tuple[type[_Error], ...], convert: Callable[[_Error], Exception]
) -> Iterator[None]:
    """Turn errors of other code into the error that `convert` returns.

    The original error becomes the cause of the new one.
    """
    try:
        yield
    except errors as error:
        raise convert(error) from error
