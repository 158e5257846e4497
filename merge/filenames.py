"""The pattern that letters are named by, from the setting File name. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from merge.language.environment import FILLING_ERRORS
from merge.language.explained import explained
from merge.language.expressions import Expression, compile_text
from merge.language.grammar import Name
from merge.language.values import Tree
from merge.model import DataError, Pair, Person, Place, Problem, StorageError, Value, shortened
from merge.naming import MOST_CHARACTERS, safe_part

ENDING = ".docx"
MOST_IN_ALL = 225
"""Characters of a whole path. Windows allows 259; Old versions and its date take 33."""

_LEAST = 20
"""Characters of a part that still tell people apart."""

USUAL_NAME = "{{ signer.name }}/{{ recipient.name }}"
_SLASH = "\x00"
"""The pattern's own slashes, told apart from those that a name may hold."""

_safe = lru_cache(maxsize=100_000)(safe_part)


@dataclass(frozen=True, slots=True)
class FileNames:
    """The pattern that letters are named by, compiled."""

    _pattern: Expression
    place: Place
    parts: int
    """Parts of a path at the most."""
    most: int = MOST_CHARACTERS
    """Characters of a part."""

    def within(self, folder: str) -> FileNames:
        """The same, parts short enough for a folder: all in all below Windows' limit.

        StorageError where no room is left for a name.
        """
        most = (MOST_IN_ALL - len(folder)) // self.parts - 1
        if most < _LEAST:
            what = "the path of this folder is so long that no room is left for names."
            hint = "Move the campaign to a folder higher up."
            raise StorageError(Problem("path-too-long", Place(folder), what, hint))
        return replace(self, most=min(most, MOST_CHARACTERS))

    def of_pair(self, pair: Pair, values: Callable[[Pair], Tree]) -> str:
        """The path of a pair's letter without its ending. DataError where it cannot be told."""
        return self.stem(values(_told_apart(pair)))

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
        parts = [_safe(part, most=self.most) for part in folders if part.strip()]
        return "/".join((*parts, _safe(last, room=len(ENDING), most=self.most)))


def file_names(pattern: str | None, place: Place) -> tuple[FileNames, tuple[Problem, ...]]:
    """The setting File name; where it is blank, or has problems, the usual one."""
    compiled = compile_text(pattern or USUAL_NAME, place, slash=_SLASH)
    if isinstance(compiled, list):
        return file_names(None, place)[0], tuple(compiled)
    return FileNames(compiled, place, (pattern or USUAL_NAME).count("/") + 1), ()


def unnamed(
    pairs: Iterable[Pair], names: FileNames, values: Callable[[Pair], Tree]
) -> Iterator[tuple[Pair, Problem]]:
    """The pairs whose file cannot be named, or not told from another's, each with the reason."""
    first: dict[str, Pair] = {}
    for pair in pairs:
        try:
            stem = names.of_pair(pair, values)
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
