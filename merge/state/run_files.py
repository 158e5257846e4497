"""Files of a campaign's records: one for each run, read as a union.

1. A run has a file with a random name. Its entries are complete up to its last `end`. Only the
   process that began a file continues it.
2. Every file in the folder counts, whatever its name. So conflict copies need no treatment.
3. Entries only get less: of two copies, the one with less content counts. So any computer may
   remove entries, and files may be packed into one.
4. The facts of all runs that were seen here are mirrored in the private folder. What the folder has
   lost is written again if a second look finds the same: it may have been arriving.
"""

from __future__ import annotations

import errno
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

from merge import messages
from merge.computer import campaign_file, computer_token, draft_name, is_abandoned_draft
from merge.disk import (
    DRAFT_NAME_ENDS,
    FileState,
    append_durably,
    delete_file,
    file_state,
    make_folders,
    overwrite_durably,
    read_campaign_file,
    replace_own_file,
    write_durably,
)
from merge.errors import StorageError
from merge.naming import is_conflict_copy, short_hash
from merge.problems import Place
from merge.product import RECORDS_FOLDER, __version__
from merge.state.entries import (
    Content,
    EarlierVersions,
    Entry,
    ErasedEntry,
    RunEnd,
    RunStart,
    Version,
)
from merge.state.entry_lines import FORMAT, NewerFormatError, read_line, to_line
from merge.state.folder_access import folder_errors
from merge.state.packing import packed_lines
from merge.state.run_union import (
    RunUnion,
    choose_own_runs,
    is_same_campaign,
    missing_parents,
    newest_runs,
    run_starts,
)

_EXTENSION, _ASIDE_EXTENSION = ".jsonl", ".aside.jsonl"
_MOST_OWN_FILES = 50
"""Number of a computer's own files above which they are packed."""
_FEWEST_SUPERSEDED = 1_000
"""Number of superseded entries below which files are not packed."""
_LOOK = b"look "
"""Beginning of a mirror's first line; a hash of the last look follows."""


@dataclass(frozen=True)
class CampaignRuns:
    """The complete runs of a campaign, in the folder or seen there earlier.

    - `foreign_runs` are runs of another campaign, which are ignored.
    - `incomplete_files` are names of files with damaged lines, or with runs that have not arrived.
    - `lost_entries` are entries that only the mirror has. `look` is a hash of them and of the
      folder, and `is_second_look` says whether the last look found the same.
    - `has_mirror` is false if the mirror is of another campaign. `mirror_has_more` is true if it
      has what was removed from the folder.
    """

    runs: Mapping[str, list[Entry]]
    foreign_runs: frozenset[str] = frozenset()
    incomplete_files: tuple[str, ...] = ()
    lost_entries: tuple[Entry, ...] = ()
    look: str = ""
    is_second_look: bool = False
    has_mirror: bool = True
    mirror_has_more: bool = False

    @property
    def entries(self) -> Iterator[Entry]:
        """All entries, those of a run in their order."""
        return chain.from_iterable(self.runs.values())

    @cached_property
    def starts(self) -> Mapping[str, RunStart]:
        """The first entries of the runs, by their names."""
        return run_starts(self.runs)

    @property
    def missing_runs(self) -> frozenset[str]:
        """The runs that other computers knew and that have not arrived here."""
        return missing_parents(self.starts)

    @property
    def last_clock(self) -> int:
        """The clock of the newest entry; 0 if there is none."""
        clocks = (start.clock + self.runs[run][-1].number for run, start in self.starts.items())
        return max(clocks, default=0)


class RunFiles:
    """The files of one campaign's records.

    `mirror` is a path in the private folder; None if that cannot be used. All methods raise
    StorageError if the disk refuses, or if a newer version of the program wrote the records.
    """

    def __init__(self, campaign: Path, mirror: Path | None, computer: str) -> None:
        self.folder, self.mirror, self.computer = campaign / RECORDS_FOLDER, mirror, computer

    @classmethod
    def of_campaign(cls, letters: Path, *, create: bool) -> RunFiles:
        """Return the files beside a letters folder.

        `create` the private folder if missing.
        """
        mirror = campaign_file(letters, _EXTENSION, create=create)
        return cls(letters.parent, mirror, computer_token())

    def file_states(self) -> Mapping[str, FileState] | None:
        """Return the states of the files with facts, and of the mirror.

        Return None if a file could have changed and kept its state.
        """
        now, paths = time.time_ns(), [*filter(None, (self.mirror,))]
        with suppress(OSError):
            paths += self.folder.iterdir()
        states = {str(path): file_state(str(path)) for path in paths if path.suffix == _EXTENSION}
        known = {path: state for path, state in states.items() if state}
        is_certain = all(state.shows_changes_since(now) for state in known.values())
        return known if is_certain else None

    def read(self, *, has_letters: bool) -> CampaignRuns:
        """Return all complete runs that are here or were seen here.

        `has_letters` says whether the campaign has letters or a register. Without them and without
        records, it is a new campaign at an old path, so the mirror does not count.
        """
        with record_errors(self.folder):
            files, unread = read_record_files(self.folder)
            here = {line: read_line(line) for data in files.values() for line in _lines(data)}
            mirrored, last_look = self._read_mirror()
            known = {entry.run for line in mirrored if (entry := here.get(line))}
            unseen = [e for line in mirrored if line not in here and (e := read_line(line))]
        union_here = RunUnion(filter(None, here.values()))
        union, runs = union_here, union_here.complete_runs()
        has_mirror = (
            not mirrored
            or bool(known)
            or (has_letters and not runs)
            or is_same_campaign(_entries(runs), unseen)
        )
        if has_mirror and unseen:
            union = RunUnion((*filter(None, here.values()), *unseen))
            known, runs = known | {entry.run for entry in unseen}, union.complete_runs()
        own_names = choose_own_runs(runs, known)
        own_runs = {run: entries for run, entries in runs.items() if run in own_names}
        may_be_lost = _entries(own_runs) if has_mirror and unseen else []
        lost_entries = [entry for entry in may_be_lost if entry not in union_here]
        look = short_hash(str(len(here)), *(repr(entry.line) for entry in lost_entries))
        return CampaignRuns(
            runs=own_runs,
            foreign_runs=frozenset(runs.keys() - own_names),
            incomplete_files=tuple(sorted({*unread, *_incomplete(files, here, runs.keys())})),
            lost_entries=tuple(lost_entries),
            look=look,
            is_second_look=look == last_look,
            has_mirror=has_mirror,
            mirror_has_more=len(lost_entries) < len(unseen),
        )

    def _read_mirror(self) -> tuple[list[bytes], str]:
        """Return the lines of the mirror, and what the last look found."""
        data = b""
        with suppress(OSError):
            data = self.mirror.read_bytes() if self.mirror else b""
        lines = data.splitlines(keepends=True)
        look = lines.pop(0) if data.startswith(_LOOK) else b""
        return lines, look.removeprefix(_LOOK).decode(errors="replace").strip()

    # Writing.

    def save_mirror(self, runs: CampaignRuns, written: Iterable[Entry] = ()) -> None:
        """Store all facts in the private folder, and what this look found.

        The mirror of another campaign at the same path is set aside. As long as runs have not
        arrived, it may be of this one. If the private folder cannot be used, nothing is stored.
        """
        if runs.missing_runs and not runs.has_mirror:
            return
        lines = (entry.line for entry in (*runs.entries, *written))
        data = b"".join((b"%s%s\n" % (_LOOK, runs.look.encode()), *lines))
        with suppress(OSError):
            if self.mirror is None or (self.mirror.exists() and self.mirror.read_bytes() == data):
                return
            if not runs.has_mirror and self.mirror.exists():
                replace_own_file(self.mirror, self.mirror.with_suffix(_ASIDE_EXTENSION))
            write_durably(self.mirror, self.mirror.with_suffix(".new"), data)

    def publish_lost(self, runs: CampaignRuns) -> bool:
        """Write again what the folder has lost; return whether it was done.

        At the first look, it is only recorded in the mirror.
        """
        if runs.lost_entries and runs.is_second_look:
            GrowingFile(self.folder).write(b"".join(entry.line for entry in runs.lost_entries))
            return True
        if runs.lost_entries or not runs.is_second_look:
            self.save_mirror(runs)
        return False

    def pack(self, runs: CampaignRuns, superseded: AbstractSet[tuple[str, int]]) -> bool:
        """Pack this computer's files if there are many; return whether it did.

        Entries that are `superseded`, by run and number, become earlier versions or are removed. If
        files have not arrived, nothing is done.
        """
        with record_errors(self.folder):
            count = len([*self.folder.glob(f"*{_EXTENSION}")])
            is_small = count <= _MOST_OWN_FILES and len(superseded) <= _FEWEST_SUPERSEDED
            if is_small or runs.missing_runs:
                return False
            files = self._own_files(runs)
            places = {(e.run, e.number) for entries in files.values() for e in entries}
            outdated, most = len(superseded & places), max(_FEWEST_SUPERSEDED, len(places) // 3)
            needs_packing = len(files) > _MOST_OWN_FILES or outdated > most
            if needs_packing:
                names = sorted({run for run, _ in places})
                lines = (packed_lines(run, runs.runs[run], superseded) for run in names)
                _replace_files(self.folder, chain.from_iterable(lines), files)
        return needs_packing

    def repair(self, runs: CampaignRuns) -> None:
        """Delete superfluous conflict copies, and drafts and lines of killed runs.

        A full disk leaves such drafts and damaged lines, too.
        """
        with record_errors(self.folder):
            superfluous = [*self._abandoned_drafts()]
            files, _ = read_record_files(self.folder)
            for path, data in files.items():
                originals = (o for o in files if o != path and is_conflict_copy(path, o))
                if any({*_lines(data)} <= {*_lines(files[o])} for o in originals):
                    superfluous.append(path)
            for path in superfluous:
                with suppress(PermissionError):  # held by another program
                    delete_file(path)
            for name in runs.incomplete_files:
                path = self.folder / name
                with suppress(FileNotFoundError, PermissionError):  # also if held
                    data = read_campaign_file(path)
                    entries = _read(data)
                    if entries and all(self._is_own(runs, entry) for entry in entries):
                        shrink_file(path, data, b"".join(entry.line for entry in entries))

    def _is_own(self, runs: CampaignRuns, entry: Entry) -> bool:
        start = runs.starts.get(entry.run)
        return start is not None and start.computer == self.computer

    def _abandoned_drafts(self) -> Iterator[Path]:
        begins, ends = DRAFT_NAME_ENDS
        return filter(is_abandoned_draft, self.folder.rglob(f"{begins}*{ends}"))

    def _own_files(self, runs: CampaignRuns) -> dict[Path, list[Entry]]:
        """Return intact files that have only complete runs of this computer."""
        files, _ = read_record_files(self.folder)
        entries = {path: [read_line(line) for line in _lines(data)] for path, data in files.items()}
        return {
            path: [*filter(None, found)]
            for path, found in entries.items()
            if found and all(entry and self._is_own(runs, entry) for entry in found)
        }

    def erase(self, is_erased: Callable[[Entry], bool]) -> None:
        """Remove entries from all files and from the mirror.

        Damaged lines go as well, since they may be about the same people, and abandoned drafts. If
        the disk is full, files are overwritten in place.
        """
        with record_errors(self.folder):
            for draft in self._abandoned_drafts():
                delete_file(draft)
            files, _ = read_record_files(self.folder)
            for path, data in files.items():
                lines = (_erased_line(line, is_erased) for line in _lines(data))
                shrink_file(path, data, b"".join(lines))
        for mirror in (self.mirror, self.mirror and self.mirror.with_suffix(_ASIDE_EXTENSION)):
            if mirror and mirror.exists():
                with record_errors(mirror):
                    data = mirror.read_bytes()
                    lines = (
                        line if line.startswith(_LOOK) else _erased_line(line, is_erased)
                        for line in _lines(data)
                    )
                    shrink_file(mirror, data, b"".join(lines))


class RunWriter:
    """Writes one run, in one or more batches.

    `files` are the times of the files with which the campaign begins, by their hashes. Without
    `run_files`, nothing is written to the disk.
    """

    def __init__(
        self,
        run_files: RunFiles | None,
        runs: CampaignRuns,
        task: str = "",
        files: Mapping[str, int] | None = None,
    ) -> None:
        self.name = secrets.token_hex(5)
        parents = newest_runs(runs.starts)
        self._start = RunStart(
            parents=parents,
            computer=run_files.computer if run_files else "",
            program=__version__,
            format=FORMAT,
            clock=max(time.time_ns(), runs.last_clock + 1),
            missing=tuple(sorted(runs.missing_runs)),
            task=task,
            files={} if parents else files or {},
        )
        folder = run_files.folder if run_files else None
        self._facts = GrowingFile(folder, self.name)
        self._fact_count = 0

    def write(self, facts: Sequence[Content]) -> list[Entry]:
        """Write a batch of facts to the disk, and return all new entries."""
        contents = [*([] if self._fact_count else [self._start]), *facts, RunEnd()]
        entries = [
            Entry(self.name, number, content, to_line(self.name, number, content))
            for number, content in enumerate(contents, self._fact_count + 1)
        ]
        self._facts.write(b"".join(entry.line for entry in entries))
        self._fact_count += len(entries)
        return entries


class GrowingFile:
    """A new file in a folder, which only this process continues.

    If another program changed or removed it meanwhile, all of it is written to another file.
    Without a folder, nothing is written.
    """

    def __init__(self, folder: Path | None, name: str = "") -> None:
        self._folder, self._name = folder, name or secrets.token_hex(5)
        self._written: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Append bytes; all or nothing of them counts."""
        if self._folder is None:
            return
        path = self._folder / f"{self._name}{_EXTENSION}"
        with record_errors(self._folder):
            size = sum(map(len, self._written))
            if not (self._written and append_durably(path, data, size)):
                if self._written:
                    self._name = secrets.token_hex(5)
                _write_file(self._folder, self._name, b"".join((*self._written, data)))
        self._written.append(data)


@contextmanager
def record_errors(folder: Path) -> Iterator[None]:
    """Turn errors of the disk and of newer records into StorageErrors."""
    try:
        with folder_errors(folder):
            yield
    except NewerFormatError as error:
        values: dict[str, str | int] = {"own_version": __version__}
        code = "ledger-newer-version" if error.version else "ledger-newer-version/number"
        values |= {"version": error.version} if error.version else {"number": error.number}
        raise StorageError(messages.problem(code, Place(str(folder)), **values)) from error


def read_record_files(folder: Path) -> tuple[dict[Path, bytes], list[str]]:
    """Return a folder's files, and the names of those that are not readable."""
    files, unread = dict[Path, bytes](), list[str]()
    paths: list[Path] = []
    with suppress(FileNotFoundError, NotADirectoryError):
        paths = sorted(folder.iterdir())
    for path in paths:
        if path.suffix == _EXTENSION:
            try:
                files[path] = read_campaign_file(path)
            except FileNotFoundError:
                pass
            except OSError:
                unread.append(path.name)
    return files, unread


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def _read(data: bytes) -> list[Entry]:
    return [*filter(None, map(read_line, _lines(data)))]


def _entries(runs: Mapping[str, list[Entry]]) -> list[Entry]:
    return [*chain.from_iterable(runs.values())]


def _incomplete(
    files: Mapping[Path, bytes],
    entries: Mapping[bytes, Entry | None],
    complete_runs: AbstractSet[str],
) -> Iterator[str]:
    """Yield the names of files with damaged lines or incomplete runs."""
    for path, data in files.items():
        found = [entries[line] for line in _lines(data)]
        if not found or any(e is None or e.run not in complete_runs for e in found):
            yield path.name


def _erased_line(line: bytes, is_erased: Callable[[Entry], bool]) -> bytes:
    """Return a line without the content to remove; nothing if damaged."""
    entry = read_line(line)
    if entry is None:
        return b""
    run, number, content, _ = entry
    if isinstance(content, EarlierVersions):
        versions = tuple(
            Version("", b"") if version and is_erased(Entry(run, place, version)) else version
            for place, version in enumerate(content.versions, number)
        )
        return to_line(run, number, EarlierVersions(versions)) if versions != content[0] else line
    return to_line(run, number, ErasedEntry()) if is_erased(entry) else line


def _write_file(folder: Path, name: str, data: bytes) -> None:
    is_below_records = folder.name != RECORDS_FOLDER
    make_folders(str(folder), str(folder.parents[is_below_records]))
    file = f"{name}{_EXTENSION}"
    write_durably(folder / file, folder / draft_name(file), data)


def shrink_file(path: Path, old: bytes, new: bytes) -> None:
    """Replace the bytes of a file by fewer; delete it if nothing is left."""
    if not new:
        delete_file(path)
    elif new != old:
        try:
            write_durably(path, path.with_name(draft_name(path.name)), new)
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            overwrite_durably(path, new)


def _replace_files(folder: Path, lines: Iterable[bytes], files: Iterable[Path]) -> None:
    """Write one file, then delete the files that it replaces."""
    _write_file(folder, secrets.token_hex(5), b"".join(lines))
    for path in files:
        delete_file(path)
