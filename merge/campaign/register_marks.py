"""Marks and tracking numbers that staff entered in a register.

A cell that differs from what the program knew when it wrote the row was changed by staff: its text
is a new mark, and the marks that the program knew are taken back. So marks of another computer,
which the file did not show yet, survive. A mark from a cell has the same key on each computer.
Reading a cell again changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from merge.naming import short_hash
from merge.register.entries import NO_LONGER_NEEDED, KnownCells, KnownStage, LetterRow, StageValue
from merge.register.layouts import RECIPIENTS_LAYOUT, SIGNERS_LAYOUT, STAGES
from merge.register.reading import Register
from merge.register.rows import RegisterRow
from merge.state.entries import MarkEntry, TrackingEntry, UnmarkEntry
from merge.state.fold import Mark
from merge.state.ledger import Ledger
from merge.state.ledger_records import LetterRecord
from merge.text.folding import folded

REGISTER_SOURCE, COMMAND_SOURCE = "register", "command"
"""Sources of marks: a cell of the register, and `merge mark`."""
_NOTHING = KnownStage("", ())
_SEPARATOR = ":"


@dataclass
class RegisterMarks:
    """Entries for the records: changes of staff in a register.

    `cleared_letters` are letters that would lose their last mark, with their stages. The entries
    that take back their marks are among `cleared`, until staff confirm them.
    """

    marks: list[MarkEntry] = field(default_factory=list)
    taken_back: list[UnmarkEntry] = field(default_factory=list)
    tracking: list[TrackingEntry] = field(default_factory=list)
    cleared: list[UnmarkEntry] = field(default_factory=list)
    cleared_letters: dict[str, frozenset[str]] = field(default_factory=dict)
    piles: dict[str, tuple[KnownCells, KnownCells]] = field(default_factory=dict)
    """Rows of people that staff changed, by ID: as they were known, and now."""

    @property
    def entries(self) -> list[MarkEntry | UnmarkEntry | TrackingEntry]:
        """All entries that need no confirmation."""
        return [*self.marks, *self.taken_back, *self.tracking]


class _CellMarks(NamedTuple):
    """The marks of a cell: to add, if any, and the keys to take back."""

    key: str = ""
    text: str = ""
    old_keys: tuple[str, ...] = ()


class RegisterMarkReader:
    """Finds the marks that staff entered in a register or a conflict copy.

    `read_keys` are keys of marks that this computer read from the register since it last wrote it.
    Only these can have been typed over since.
    """

    def __init__(
        self,
        register: Register,
        ledger: Ledger,
        read_keys: AbstractSet[str],
        is_excluded: Callable[[str, LetterRow], bool],
    ) -> None:
        self._register, self._ledger, self._read_keys = register, ledger, read_keys
        self._is_excluded = is_excluded

    def read(self) -> RegisterMarks:
        """Return the marks that are not recorded yet, and those to take back."""
        found = RegisterMarks()
        rows = {i: row for i, row in self._register.rows.items() if not self._is_excluded(i, row)}
        for letter_id, row in rows.items():
            self._read_letter(found, letter_id, row)
        for layout in SIGNERS_LAYOUT, RECIPIENTS_LAYOUT:
            table = self._register.tables.get(layout.sheet)
            is_signer = layout is SIGNERS_LAYOUT
            for person_row in table.rows if table else ():
                self._read_pile(found, person_row, rows, is_signer=is_signer)
        self._separate_cleared(found)
        return found

    def _read_letter(self, found: RegisterMarks, letter_id: str, row: LetterRow) -> None:
        record = self._ledger.letter(letter_id)
        who = record.who if record and record.who else _people_of(row)
        subjects, live = (letter_id, *who), self._ledger.state.marks(letter_id)
        old_keys = list[str]()
        for stage in STAGES:
            text = _text(row.stages.get(stage))
            if row.known is None:
                if not text or any((mark.stage, mark.value) == (stage, text) for mark in live):
                    continue
                cell = self._new_cell(KnownCells(), letter_id, subjects, stage, text)
            else:
                cell = self._cell(row.known, letter_id, subjects, stage, text)
            if cell.key and cell.key not in {mark.key for mark in live}:
                found.marks.append(_register_mark(letter_id, stage, cell.text, cell.key, who=who))
            old_keys += cell.old_keys
        if old_keys:
            found.taken_back.append(UnmarkEntry(letter_id, tuple(old_keys), who))
        recorded = self._ledger.state.tracking(letter_id)
        known = row.known.tracking if row.known else ""
        is_new = row.tracking != known or (recorded is None and row.tracking)
        if is_new and row.tracking != (recorded or ""):
            found.tracking.append(TrackingEntry(letter_id, row.tracking, who))

    def _cell(
        self, known: KnownCells, owner: str, subjects: Iterable[str], stage: str, text: str
    ) -> _CellMarks:
        """Return what changed in a cell since the program wrote it."""
        written, subjects = known.stages.get(stage, _NOTHING), tuple(subjects)
        prefix = _key_prefix(known.token, owner, stage)
        typed_over = self._read_by_cell.get(prefix, [])
        if text == written.text:
            is_lost = text and not any(map(self._is_known, written.keys))
            new = _CellMarks(written.keys[0], text) if is_lost and written.keys else _CellMarks()
            old_keys = typed_over
        else:
            new = self._new_cell(known, owner, subjects, stage, text) if text else _CellMarks()
            old_keys = [*written.keys, *(key for key in typed_over if key != new.key)]
        is_taken_back = self._ledger.state.is_taken_back
        return new._replace(
            old_keys=tuple(key for key in old_keys if not is_taken_back(key, subjects))
        )

    def _new_cell(
        self, known: KnownCells, owner: str, subjects: Iterable[str], stage: str, text: str
    ) -> _CellMarks:
        """Return the mark of a cell with a new text.

        If it was taken back, it counts again only if this computer read it from this file before:
        then staff typed it again. Otherwise the file is an old one.
        """
        key = f"{_key_prefix(known.token, owner, stage)}{short_hash(text)[:8]}"
        subjects = tuple(subjects)
        while self._ledger.state.is_taken_back(key, subjects):
            if key not in self._read_keys:
                return _CellMarks()
            key += "+"
        return _CellMarks(key, text)

    @cached_property
    def _read_by_cell(self) -> Mapping[str, list[str]]:
        """The keys read from cells before that count, by their beginning."""
        keys = self._letters_by_key.keys() & self._read_keys
        by_cell = defaultdict[str, list[str]](list)
        for key in sorted(keys):
            by_cell[f"{key.rpartition(_SEPARATOR)[0]}{_SEPARATOR}"].append(key)
        return by_cell

    @cached_property
    def _letters_by_key(self) -> Mapping[str, set[str]]:
        letters = defaultdict[str, set[str]](set)
        for key, letter_id in self._ledger.state.mark_keys():
            letters[key].add(letter_id)
        return letters

    def _is_known(self, key: str) -> bool:
        """Return whether a mark is in the records, even if it was taken back."""
        return key in self._letters_by_key or self._ledger.state.has_taken_back(key)

    # Dates in By signer and By recipient: marks of all letters that exist when they are read.

    def _read_pile(
        self,
        found: RegisterMarks,
        row: RegisterRow,
        rows: Mapping[str, LetterRow],
        *,
        is_signer: bool,
    ) -> None:
        name, known = str(row.record.values[1] or ""), row.known or KnownCells()
        owner, stages = row.id or short_hash(name), dict[str, KnownStage]()
        for stage in STAGES:
            value, written = row.stages.get(stage), known.stages.get(stage, _NOTHING)
            text = _text(value)
            if text == written.text:
                is_taken_back = (
                    self._ledger.state.is_taken_back(k, (owner,)) for k in written.keys
                )
                if text and not any(is_taken_back):
                    stages[stage] = written
                continue
            cell = self._cell(known, owner, (owner,), stage, text)
            if cell.key:
                stages[stage] = KnownStage(text, (cell.key,))
            if cell.key and cell.key not in self._letters_by_key:
                marked = {mark.id for mark in found.marks if mark.stage == stage}
                for letter_id, who in self._letters_of_pile(row, rows, value, is_signer=is_signer):
                    old_keys = {*cell.old_keys}
                    if letter_id not in marked and not self._has_mark(letter_id, stage, old_keys):
                        mark = _register_mark(letter_id, stage, text, cell.key, who=who)
                        found.marks.append(mark)
            if cell.old_keys:
                found.taken_back.append(UnmarkEntry(owner, cell.old_keys))
        if row.id and stages != known.stages:
            found.piles[row.id] = known, KnownCells(stages)

    def _has_mark(self, letter_id: str, stage: str, old_keys: AbstractSet[str]) -> bool:
        marks = self._ledger.state.marks(letter_id)
        return any(mark.stage == stage and mark.key not in old_keys for mark in marks)

    def _letters_of_pile(
        self,
        row: RegisterRow,
        rows: Mapping[str, LetterRow],
        value: StageValue | None,
        *,
        is_signer: bool,
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the letters of a person that existed on a day, with people's IDs."""
        place, name = 0 if is_signer else 1, folded(str(row.record.values[1] or ""))
        for letter_id, letter_row in rows.items():
            people, names = _people_of(letter_row), (letter_row.signer, letter_row.recipient)
            has_ids = row.id and people[place]
            is_own = people[place] == row.id if has_ids else folded(names[place]) == name
            created_on = letter_row.created_on or dt.date.min
            is_covered = not isinstance(value, dt.date) or created_on <= value
            if is_own and is_covered and letter_row.state != NO_LONGER_NEEDED:
                yield letter_id, people
        for record in self._letters_without_row if row.id else ():
            is_covered = not isinstance(value, dt.date) or record.day <= value
            if is_covered and row.id in record.who:
                yield record.id, record.who

    @cached_property
    def _letters_without_row(self) -> list[LetterRecord]:
        """The letters whose rows staff deleted."""
        rows = self._register.rows
        return [record for record in self._ledger.letters() if record.id not in rows]

    def _separate_cleared(self, found: RegisterMarks) -> None:
        """Separate the entries that take back the last marks of letters."""
        keys_by_subject = defaultdict[str, set[str]](set)
        for entry in found.taken_back:
            keys_by_subject[entry.id].update(entry.keys)
        keys = set[str]().union(*keys_by_subject.values())
        letters = {i for key in keys for i in self._letters_by_key.get(key, ())}
        marked = {mark.id for mark in found.marks}
        cleared_keys = set[str]()
        for letter_id in sorted(letters - marked):
            record, live = self._ledger.letter(letter_id), self._ledger.state.marks(letter_id)
            row = self._register.rows.get(letter_id)
            who = record.who if record and record.who else _people_of(row) if row else ()
            subjects = (letter_id, *who)
            taken_back = set[str]().union(*(keys_by_subject.get(i, ()) for i in subjects))
            if all(mark.key in taken_back for mark in live):
                found.cleared_letters[letter_id] = frozenset(mark.stage for mark in live)
                cleared_keys |= {mark.key for mark in live}
        found.cleared = [e for e in found.taken_back if not cleared_keys.isdisjoint(e.keys)]
        found.taken_back = [e for e in found.taken_back if cleared_keys.isdisjoint(e.keys)]


def known_cells(marks: Iterable[Mark], tracking: str) -> KnownCells:
    """Return what the program writes of a letter's marks into its row."""
    texts, keys = dict[str, str](), defaultdict[str, tuple[str, ...]](tuple)
    for mark in marks:
        texts[mark.stage] = mark.value
        keys[mark.stage] += (mark.key,)
    stages = {stage: KnownStage(texts[stage], keys[stage]) for stage in STAGES if stage in texts}
    return KnownCells(stages, tracking)


def _register_mark(
    letter_id: str, stage: str, text: str, key: str, *, who: tuple[str, ...]
) -> MarkEntry:
    return MarkEntry(
        id=letter_id, stage=stage, value=text, source=REGISTER_SOURCE, key=key, who=who
    )


def _key_prefix(token: str, owner: str, stage: str) -> str:
    """Return the beginning of the keys of all marks from one cell."""
    return f"{token}{_SEPARATOR}{short_hash(owner, stage)[:8]}{_SEPARATOR}"


def _text(value: StageValue | None) -> str:
    return "" if value is None else str(value)


def _people_of(row: LetterRow) -> tuple[str, ...]:
    return row.signer_id, row.recipient_id
