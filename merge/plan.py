"""Pairs -> letters with their ids and paths -> what is to be done with each. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath

from merge.language import (
    FILLING_ERRORS,
    Expression,
    Name,
    Tree,
    compile_text,
    explained,
)
from merge.model import (
    DataError,
    Letter,
    Pair,
    Person,
    Place,
    Problem,
    State,
    Step,
    Value,
    shortened,
)
from merge.naming import FreeNames, letter_id, safe_part

ENDING = ".docx"
USUAL_NAME = "{{ signer.name }}/{{ recipient.name }}"
_SLASH = "\x00"
"""The pattern's own slashes, told apart from those that a name may hold."""

_safe = lru_cache(maxsize=100_000)(safe_part)


@dataclass(frozen=True, slots=True)
class FileNames:
    """The pattern that letters are named by, compiled."""

    _pattern: Expression
    place: Place

    @property
    def names(self) -> tuple[Name, ...]:
        """The names that the pattern reads."""
        return self._pattern.names

    def stem(self, values: Tree) -> str:
        """The path without its ending. Safe on every system, and never outside its folder."""
        try:
            text = self._pattern.text(values)
        except FILLING_ERRORS as error:
            told = explained(error)
            what = f"in the file name, {told.what}"
            raise DataError(Problem(told.code, self.place, what, told.hint)) from error
        *folders, last = text.removesuffix(ENDING).split(_SLASH)
        parts = [_safe(part) for part in folders if part.strip()]
        return "/".join((*parts, _safe(last, room=len(ENDING))))


def file_names(pattern: str | None, place: Place) -> tuple[FileNames, tuple[Problem, ...]]:
    """The setting File name; where it is blank, or has problems, the usual one."""
    compiled = compile_text(pattern or USUAL_NAME, place, slash=_SLASH)
    if isinstance(compiled, list):
        return file_names(None, place)[0], tuple(compiled)
    return FileNames(compiled, place), ()


def unnamed(
    pairs: Iterable[Pair], names: FileNames, values: Callable[[Pair], Tree]
) -> Iterator[tuple[Pair, Problem]]:
    """The pairs whose file cannot be named, or not told from another's, each with the reason."""
    first: dict[str, Pair] = {}
    for pair in pairs:
        try:
            stem = names.stem(values(_told_apart(pair)))
        except DataError as error:
            yield from ((pair, problem) for problem in error.problems)
            continue
        if first.setdefault(stem, pair) is not pair:
            yield pair, _same_name(first[stem], pair, names.place)


def _same_name(one: Pair, other: Pair, place: Place) -> Problem:
    same = one.signer.key == other.signer.key
    people = (one.recipient, other.recipient) if same else (one.signer, other.signer)
    what = f"the letters of {people[0].label} and {people[1].label} would have one name."
    what = what.replace("letters of", "letters to") if same else what
    tag = "recipient" if same else "signer"
    hint = f"Put {{{{ {tag}.name }}}} or {{{{ {tag}.id }}}} into the pattern, near its start."
    return Problem("file-name-twice", place, what, hint)


def letters(
    pairs: Iterable[Pair], names: FileNames, values: Callable[[Pair], Tree]
) -> Iterator[Letter]:
    """A letter for each pair, no two at one path, whatever the disk makes of capitals."""
    free = FreeNames()
    for pair in pairs:
        stem = names.stem(values(_told_apart(pair)))
        path = free.take(stem, ENDING)
        yield Letter(letter_id(pair.signer.key, pair.recipient.key), pair, PurePosixPath(path))


def _told_apart(pair: Pair) -> Pair:
    """The pair as file names show it: people of one name with their ID behind it."""
    if not (pair.signer.shared_name or pair.recipient.shared_name):
        return pair
    return replace(pair, signer=_labelled(pair.signer), recipient=_labelled(pair.recipient))


def _labelled(person: Person) -> Person:
    """The ID stays whole: a long name is cut before it."""
    if not person.shared_name:
        return person
    behind = person.label.removeprefix(person.name)
    name = shortened(person.name, 55 - len(behind)) + behind
    return replace(person, fields={**person.fields, "name": Value(name)})


@dataclass(slots=True)
class Balance:
    """How many letters there are and what became of them; it always adds up."""

    written: int = 0
    unchanged: int = 0
    kept: int = 0
    skipped: int = 0

    @property
    def planned(self) -> int:
        """All of them."""
        return self.written + self.unchanged + self.kept + self.skipped

    def count(self, step: Step) -> None:
        """Take one more step into account."""
        field = _COUNTED.get(step.state, "kept")
        setattr(self, field, getattr(self, field) + 1)


_COUNTED: dict[State, str] = {
    "new": "written",
    "rewritten": "written",
    "unchanged": "unchanged",
    "faulty": "skipped",
}


def step(letter: Letter, there: bytes | None, made: str, filled: Callable[[], bytes]) -> Step:
    """What is to be done with a letter, given the bytes of the file at its path, if any.

    `made` is the id of the letter that the file says it is; empty where it says none.
    """
    if there is None:
        return Step(letter, "new")
    if there == filled():
        return Step(letter, "unchanged")
    if not made:
        return Step(letter, "foreign", FOREIGN)
    return (
        Step(letter, "edited", EDITED) if made == letter.id else Step(letter, "foreign", ANOTHERS)
    )


EDITED = "edited by hand, or made before the workbook or the template was changed"
FOREIGN = "a file that this program did not make"
ANOTHERS = "the letter of another signer or recipient"
