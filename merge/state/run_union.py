"""The union of all entries of a campaign's runs, from any number of files.

The order in which entries are added does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import count

from merge.state.entries import (
    EarlierVersions,
    Entry,
    ErasedEntry,
    LetterEntry,
    PrintEntry,
    RunEnd,
    RunStart,
)

_CLOCK_DIFFERENCE = 610
"""Seconds by which the times of a file may differ on two computers."""


class RunUnion:
    """Entries by their places: the copy with the least content counts."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._by_run: dict[str, dict[int, Entry]] = {}
        self._packed: dict[str, dict[bytes, Entry]] = {}
        self._packed_numbers: dict[str, set[int]] = {}
        self.add(entries)

    def add(self, entries: Iterable[Entry]) -> None:
        """Add entries."""
        for entry in entries:
            run, number, content, line = entry
            if type(content) is EarlierVersions:
                self._packed.setdefault(run, {})[line] = entry
                versions = enumerate(content.versions, number)
                numbers = {each for each, version in versions if version is not None}
                self._packed_numbers.setdefault(run, set()).update(numbers)
                continue
            by_number = self._by_run.get(run)
            if by_number is None:
                by_number = self._by_run[run] = {}
            if number not in by_number or type(content) is ErasedEntry:
                by_number[number] = entry
        for run, numbers in self._packed_numbers.items():
            by_number = self._by_run.get(run, {})
            for number in numbers & by_number.keys():
                if type(by_number[number].content) is not ErasedEntry:
                    del by_number[number]

    def __contains__(self, entry: Entry) -> bool:
        if type(entry.content) is EarlierVersions:
            return entry.line in self._packed.get(entry.run, {})
        return self._has(entry.run, entry.number)

    def _has(self, run: str, number: int) -> bool:
        return number in self._by_run.get(run, {}) or number in self._packed_numbers.get(run, ())

    @property
    def runs(self) -> AbstractSet[str]:
        """The names of all runs, complete or not."""
        return self._by_run.keys() | self._packed.keys()

    def complete_runs(self) -> dict[str, list[Entry]]:
        """Return the entries of complete runs, up to their last ends."""
        found = ((run, self._complete_entries(run)) for run in sorted(self._by_run))
        return {run: entries for run, entries in found if entries}

    def _complete_entries(self, run: str) -> list[Entry]:
        by_number, end = self._by_run[run], 0
        if 1 not in by_number or type(by_number[1].content) is not RunStart:
            return []
        for number in count(1):
            entry = by_number.get(number)
            if entry is None and number not in self._packed_numbers.get(run, ()):
                break
            if entry is not None and type(entry.content) is RunEnd:
                end = number
        entries = (*by_number.values(), *self._packed.get(run, {}).values())
        return sorted((entry for entry in entries if entry.number <= end), key=_number_and_line)


def _number_and_line(entry: Entry) -> tuple[int, bytes]:
    return entry.number, entry.line


def run_starts(runs: Mapping[str, list[Entry]]) -> dict[str, RunStart]:
    """Return the first entries of complete runs, by their names."""
    starts = ((run, entries[0].content) for run, entries in runs.items())
    return {run: start for run, start in starts if isinstance(start, RunStart)}


def missing_parents(starts: Mapping[str, RunStart]) -> frozenset[str]:
    """Return the runs that others knew and that have not arrived completely."""
    return frozenset(parent for start in starts.values() for parent in start.parents) - {*starts}


def newest_runs(starts: Mapping[str, RunStart]) -> tuple[str, ...]:
    """Return the runs that no other run has as a parent."""
    return tuple(sorted({*starts} - {p for start in starts.values() for p in start.parents}))


# Records of another campaign, which someone copied into the folder.


def choose_own_runs(runs: Mapping[str, list[Entry]], known: AbstractSet[str]) -> AbstractSet[str]:
    """Return the names of the runs that belong to the campaign.

    1. Runs belong to one campaign if they know each other, directly or through others. A run whose
       parent has not arrived counts as one of the campaign.
    2. `known` runs belong to the campaign. If there are none, it is the one with the most runs.
    3. Runs that know none of its runs belong to it as well if `is_same_campaign` says so.
    """
    groups = _connected_runs(run_starts(runs))
    if len(groups) < 2:
        return runs.keys()
    groups.sort(key=lambda group: (bool(group & known), len(group), min(group - {""})))
    own_runs = groups[-1].union(*(group for group in groups if group & known))
    others = [group for group in groups if not group <= own_runs]
    for _ in groups:
        for group in others:
            if "" in group or is_same_campaign(
                _entries_of(runs, own_runs), _entries_of(runs, group)
            ):
                own_runs |= group
        others = [group for group in others if not group <= own_runs]
    return own_runs & runs.keys()


def _entries_of(runs: Mapping[str, list[Entry]], names: AbstractSet[str]) -> list[Entry]:
    return [entry for name in names for entry in runs.get(name, ())]


def _connected_runs(starts: Mapping[str, RunStart]) -> list[set[str]]:
    """Return groups of runs that know each other.

    An empty name is in the group of each run whose parent has not arrived.
    """
    leaders: dict[str, str] = {}

    def leader_of(name: str) -> str:
        while leaders.setdefault(name, name) != name:
            leaders[name] = name = leaders[leaders[name]]
        return name

    for run, start in starts.items():
        leader_of(run)
        for parent in start.parents:
            leaders[leader_of(parent if parent in starts else "")] = leader_of(run)
    groups: dict[str, set[str]] = {}
    for name in leaders:
        groups.setdefault(leader_of(name), set()).add(name)
    return [*groups.values()]


def is_same_campaign(first: Sequence[Entry], second: Sequence[Entry]) -> bool:
    """Return whether two sets of entries belong to one campaign.

    1. A run of one has a run of the other as a parent.
    2. They have a letter with an equal hash.
    3. They began with a file of the same content and time: two computers began the campaign at
       once. The file of a sample has another time in each folder.
    """
    names, parents = _names_and_parents(first)
    other_names, other_parents = _names_and_parents(second)
    files, other_files = _first_files(first), _first_files(second)
    return (
        bool(names & other_parents or parents & other_names)
        or not _outputs(first).isdisjoint(_outputs(second))
        or any(
            abs(files[file] - other_files[file]) <= _CLOCK_DIFFERENCE
            for file in files.keys() & other_files.keys()
        )
    )


def _names_and_parents(entries: Sequence[Entry]) -> tuple[set[str], set[str]]:
    starts = (e.content for e in entries if isinstance(e.content, RunStart))
    return {e.run for e in entries}, {parent for start in starts for parent in start.parents}


def _outputs(entries: Sequence[Entry]) -> set[tuple[str, bytes]]:
    outputs = set[tuple[str, bytes]]()
    for entry in entries:
        content = entry.content
        if isinstance(content, LetterEntry | PrintEntry):
            outputs.add((content.id, content.output))
        elif isinstance(content, EarlierVersions):
            outputs.update(version for version in content.versions if version and version.id)
    return outputs


def _first_files(entries: Sequence[Entry]) -> dict[str, int]:
    starts = (entry.content for entry in entries)
    return {
        file: time
        for start in starts
        if isinstance(start, RunStart)
        for file, time in start.files.items()
    }
