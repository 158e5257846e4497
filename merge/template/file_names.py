"""The pattern that letters are named by, from the setting File name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from merge import messages
from merge.errors import DataError, StorageError
from merge.naming import MAX_PART_CHARACTERS, safe_path_part
from merge.people import Pair, Person
from merge.problems import Place, Problem, shorten
from merge.product import LETTER_EXTENSION
from merge.template.filters import TemplateValues, filling_fault
from merge.template.grammar import VariableName
from merge.template.jinja import FILLING_ERRORS, TextTemplate, compile_text
from merge.values import Value

MAX_PATH_CHARACTERS = 225
"""Characters of a whole path. Windows allows 259; Old versions and its date take 33."""

_LEAST_CHARACTERS = 20
"""Characters of a part that still tell people apart."""

DEFAULT_PATTERN = "{{ signer.name }}/{{ recipient.name }}"
_PATTERN_SLASH = "\x00"
"""The pattern's own slashes, told apart from those that a name may hold."""

_cached_safe_part = lru_cache(maxsize=100_000)(safe_path_part)


@dataclass(frozen=True, slots=True)
class FileNamePattern:
    """The pattern that letters are named by, compiled.

    `parts` are the parts of a path at the most, `most` the characters of a part.
    """

    _pattern: TextTemplate
    place: Place
    most_parts: int
    most_characters: int = MAX_PART_CHARACTERS

    def shorten_for(self, folder: str) -> FileNamePattern:
        """Return the same, parts short enough for a folder: all in all below Windows' limit.

        Raise StorageError where no room is left for a name.
        """
        most = (MAX_PATH_CHARACTERS - len(folder)) // self.most_parts - 1
        if most < _LEAST_CHARACTERS:
            raise StorageError(messages.problem("path-too-long/no-room", Place(folder)))
        return replace(self, most_characters=min(most, MAX_PART_CHARACTERS))

    def path_for(self, pair: Pair, values: Callable[[Pair], TemplateValues]) -> str:
        """Return the path of a pair's letter without its ending. DataError where it has none."""
        return self.fill(values(_with_distinct_names(pair)))

    @property
    def variables(self) -> tuple[VariableName, ...]:
        """The names that the pattern reads."""
        return self._pattern.variables

    def fill(self, values: TemplateValues) -> str:
        """Return the path without its ending: safe on every system, never outside its folder."""
        try:
            text = self._pattern.render(values)
        except FILLING_ERRORS as error:
            raise DataError(filling_fault(error, "File name").to_problem(self.place)) from error
        *folders, last = text.removesuffix(LETTER_EXTENSION).split(_PATTERN_SLASH)
        parts = [
            _cached_safe_part(part, max_length=self.most_characters)
            for part in folders
            if part.strip()
        ]
        return "/".join(
            (
                *parts,
                _cached_safe_part(
                    last, reserved_length=len(LETTER_EXTENSION), max_length=self.most_characters
                ),
            )
        )


def read_file_name_pattern(
    pattern: str | None, place: Place
) -> tuple[FileNamePattern, tuple[Problem, ...]]:
    """Return the setting File name and its problems; if blank or faulty, the usual pattern."""
    compiled = compile_text(pattern or DEFAULT_PATTERN, place, slash=_PATTERN_SLASH)
    if isinstance(compiled, list):
        return read_file_name_pattern(None, place)[0], tuple(compiled)
    return FileNamePattern(compiled, place, (pattern or DEFAULT_PATTERN).count("/") + 1), ()


def find_naming_problems(
    pairs: Iterable[Pair], names: FileNamePattern, values: Callable[[Pair], TemplateValues]
) -> Iterator[tuple[Pair, Problem]]:
    """Yield the pairs whose file has no name, or another's, each with the problem."""
    first: dict[str, Pair] = {}
    for pair in pairs:
        try:
            stem = names.path_for(pair, values)
        except DataError as error:
            yield from ((pair, problem) for problem in error.problems)
            continue
        if first.setdefault(stem, pair) is not pair:
            yield pair, _same_name_problem(first[stem], pair, names.place)


def _same_name_problem(one: Pair, other: Pair, place: Place) -> Problem:
    same = one.signer.key == other.signer.key
    people = (one.recipient, other.recipient) if same else (one.signer, other.signer)
    key = "file-name-twice/recipient" if same else "file-name-twice"
    return messages.problem(key, place, first=people[0].label, second=people[1].label)


def _with_distinct_names(pair: Pair) -> Pair:
    """Return the pair as file names show it: people of one name with their ID behind it."""
    if not (pair.signer.has_namesake or pair.recipient.has_namesake):
        return pair
    return pair._replace(
        signer=_with_id_in_name(pair.signer), recipient=_with_id_in_name(pair.recipient)
    )


def _with_id_in_name(person: Person) -> Person:
    """Return a person with the ID behind a shared name; a long name is cut, the ID stays whole."""
    if not person.has_namesake:
        return person
    behind = person.label.removeprefix(person.name)
    name = shorten(person.name, 55 - len(behind)) + behind
    return replace(person, fields={**person.fields, "name": Value(name)})
