"""The pattern for the names of letters, from the File name setting."""

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
from merge.values import WorkbookValue

MAX_PATH_CHARACTERS = 225
"""Characters of a path. Windows allows 259;
Old versions and its date take 33."""

_LEAST_CHARACTERS = 20
"""Characters of a part that still distinguish people."""

DEFAULT_PATTERN = "{{ signer.name }}/{{ recipient.name }}"
_PATTERN_SLASH = "\x00"
"""Replaces the pattern's slashes, to distinguish them from those in names."""

_cached_safe_part = lru_cache(maxsize=100_000)(safe_path_part)


@dataclass(frozen=True, slots=True)
class FileNamePattern:
    """The compiled pattern for the names of letters.

    `most_parts` is the largest number of parts of a path, `most_characters` the characters of a
    part.
    """

    _pattern: TextTemplate
    place: Place
    most_parts: int
    most_characters: int = MAX_PART_CHARACTERS

    def shorten_for(self, folder: str) -> FileNamePattern:
        """Return the pattern with parts short enough for a folder's path.

        The complete path is then below Windows' limit. Raise StorageError if no room is left for a
        name.
        """
        most = (MAX_PATH_CHARACTERS - len(folder)) // self.most_parts - 1
        if most < _LEAST_CHARACTERS:
            raise StorageError(messages.problem("path-too-long/no-room", Place(folder)))
        return replace(self, most_characters=min(most, MAX_PART_CHARACTERS))

    def path_for(self, pair: Pair, values: Callable[[Pair], TemplateValues]) -> str:
        """Return the path of a pair's letter without `.docx`.

        Raise DataError if it has none.
        """
        return self.fill(values(_with_distinct_names(pair)))

    @property
    def variables(self) -> tuple[VariableName, ...]:
        """The names of the placeholders in the file name pattern."""
        return self._pattern.variables

    def fill(self, values: TemplateValues) -> str:
        """Return the path that the pattern gives for values, without `.docx`.

        It is safe on every system, and never outside its folder.
        """
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
    """Return the pattern in the File name setting, and the problems of it.

    If the setting is blank or faulty, it is the default pattern.
    """
    compiled = compile_text(pattern or DEFAULT_PATTERN, place, slash=_PATTERN_SLASH)
    if isinstance(compiled, list):
        return read_file_name_pattern(None, place)[0], tuple(compiled)
    return FileNamePattern(compiled, place, (pattern or DEFAULT_PATTERN).count("/") + 1), ()


def find_naming_problems(
    pairs: Iterable[Pair], pattern: FileNamePattern, values: Callable[[Pair], TemplateValues]
) -> Iterator[tuple[Pair, Problem]]:
    """Yield pairs whose letter has no file name of its own, with the problem.

    Its name may be missing, or that of another letter.
    """
    first: dict[str, Pair] = {}
    for pair in pairs:
        try:
            stem = pattern.path_for(pair, values)
        except DataError as error:
            yield from ((pair, problem) for problem in error.problems)
            continue
        if first.setdefault(stem, pair) is not pair:
            yield pair, _same_name_problem(first[stem], pair, pattern.place)


def _same_name_problem(first: Pair, second: Pair, place: Place) -> Problem:
    is_same_signer = first.signer.key == second.signer.key
    people = (
        (first.recipient, second.recipient) if is_same_signer else (first.signer, second.signer)
    )
    key = "file-name-twice/recipient" if is_same_signer else "file-name-twice"
    return messages.problem(key, place, first=people[0].label, second=people[1].label)


def _with_distinct_names(pair: Pair) -> Pair:
    """Return the pair with an ID after each name that several people have."""
    if not (pair.signer.has_namesake or pair.recipient.has_namesake):
        return pair
    return pair._replace(
        signer=_with_id_in_name(pair.signer), recipient=_with_id_in_name(pair.recipient)
    )


def _with_id_in_name(person: Person) -> Person:
    """Return a person with the ID after a shared name.

    A long name is cut, but never the ID.
    """
    if not person.has_namesake:
        return person
    suffix = person.label.removeprefix(person.name)
    name = shorten(person.name, 55 - len(suffix)) + suffix
    return replace(person, fields={**person.fields, "name": WorkbookValue(name)})
