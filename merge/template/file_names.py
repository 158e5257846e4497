"""The pattern that letters are named by, from the setting File name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from merge import messages
from merge.errors import DataError, StorageError
from merge.naming import MOST_CHARACTERS, safe_part
from merge.people import Pair, Person
from merge.problems import Place, Problem, shortened
from merge.product import LETTER_ENDING
from merge.template.filters import TemplateValues, filling_fault
from merge.template.grammar import VariableName
from merge.template.jinja import FILLING_ERRORS, TextTemplate, compile_text
from merge.values import Value

MOST_IN_ALL = 225
"""Characters of a whole path. Windows allows 259; Old versions and its date take 33."""

_LEAST = 20
"""Characters of a part that still tell people apart."""

USUAL_NAME = "{{ signer.name }}/{{ recipient.name }}"
_SLASH = "\x00"
"""The pattern's own slashes, told apart from those that a name may hold."""

_safe = lru_cache(maxsize=100_000)(safe_part)


@dataclass(frozen=True, slots=True)
class FileNamePattern:
    """The pattern that letters are named by, compiled.

    `parts` are the parts of a path at the most, `most` the characters of a part.
    """

    _pattern: TextTemplate
    place: Place
    parts: int
    most: int = MOST_CHARACTERS

    def within(self, folder: str) -> FileNamePattern:
        """Return the same, parts short enough for a folder: all in all below Windows' limit.

        Raise StorageError where no room is left for a name.
        """
        most = (MOST_IN_ALL - len(folder)) // self.parts - 1
        if most < _LEAST:
            raise StorageError(messages.problem("path-too-long/no-room", Place(folder)))
        return replace(self, most=min(most, MOST_CHARACTERS))

    def of_pair(self, pair: Pair, values: Callable[[Pair], TemplateValues]) -> str:
        """Return the path of a pair's letter without its ending. DataError where it has none."""
        return self.stem(values(_with_distinct_names(pair)))

    @property
    def names(self) -> tuple[VariableName, ...]:
        """The names that the pattern reads."""
        return self._pattern.names

    def stem(self, values: TemplateValues) -> str:
        """Return the path without its ending: safe on every system, never outside its folder."""
        try:
            text = self._pattern.text(values)
        except FILLING_ERRORS as error:
            raise DataError(filling_fault(error, "File name").at(self.place)) from error
        *folders, last = text.removesuffix(LETTER_ENDING).split(_SLASH)
        parts = [_safe(part, most=self.most) for part in folders if part.strip()]
        return "/".join((*parts, _safe(last, room=len(LETTER_ENDING), most=self.most)))


def file_name_pattern(
    pattern: str | None, place: Place
) -> tuple[FileNamePattern, tuple[Problem, ...]]:
    """Return the setting File name and its problems; if blank or faulty, the usual pattern."""
    compiled = compile_text(pattern or USUAL_NAME, place, slash=_SLASH)
    if isinstance(compiled, list):
        return file_name_pattern(None, place)[0], tuple(compiled)
    return FileNamePattern(compiled, place, (pattern or USUAL_NAME).count("/") + 1), ()


def naming_problems(
    pairs: Iterable[Pair], names: FileNamePattern, values: Callable[[Pair], TemplateValues]
) -> Iterator[tuple[Pair, Problem]]:
    """Yield the pairs whose file has no name, or another's, each with the problem."""
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
    key = "file-name-twice/recipient" if same else "file-name-twice"
    return messages.problem(key, place, first=people[0].label, second=people[1].label)


def _with_distinct_names(pair: Pair) -> Pair:
    """Return the pair as file names show it: people of one name with their ID behind it."""
    if not (pair.signer.shared_name or pair.recipient.shared_name):
        return pair
    return pair._replace(signer=_labelled(pair.signer), recipient=_labelled(pair.recipient))


def _labelled(person: Person) -> Person:
    """Return a person with the ID behind a shared name; a long name is cut, the ID stays whole."""
    if not person.shared_name:
        return person
    behind = person.label.removeprefix(person.name)
    name = shortened(person.name, 55 - len(behind)) + behind
    return replace(person, fields={**person.fields, "name": Value(name)})
