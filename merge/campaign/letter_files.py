"""The files and paths of letters: what lies where a letter lies, which name it has or may get."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path, PurePosixPath

from merge.campaign.campaign import Campaign
from merge.disk import FileState, file_state
from merge.errors import DataError
from merge.letter_status import Content, Letter
from merge.naming import FreeNames, path_key, short_hash
from merge.people import Pair, Person, SheetKind
from merge.product import LETTER_ENDING
from merge.proofreading.text import plain_text, why_unreadable
from merge.state.inventory import Inventory, usual_keys
from merge.state.ledger import Ledger
from merge.state.ledger_records import NAMED_BY_HAND, LetterRecord
from merge.state.letters_folder import ORPHANS_FOLDER, read_file
from merge.template.fingerprint import fingerprint_of
from merge.template.library import InputDigests
from merge.template.sanitize import stamp_of
from merge.text.names import is_named_in

_GRACE = 30_000_000_000
"""Nanoseconds after the last that a run wrote down of its work in which a letter is still its own:
letters of one more batch. No computer is on again, with Word open, so soon."""


def _may_be_cut(data: bytes) -> bool:
    """Return whether bytes begin as a .docx does, or as what was never written: no note does."""
    return data[:2] in {b"", b"PK", b"\0\0"}


class LetterFiles:
    """The files in the folder of the letters, each compared with what the ledger holds."""

    def __init__(
        self, campaign: Campaign, ledger: Ledger, inventory: Inventory, inputs: InputDigests
    ) -> None:
        self._campaign, self._ledger, self._inventory = campaign, ledger, inventory
        self._inputs = inputs
        self.earlier_name: Callable[[str, SheetKind], str] = lambda _id, _kind: ""
        """Return the name that the register has for a letter's signer or recipient, if any."""
        self._judged: set[str] = set()
        self.somebody_elses: dict[str, Person] = {}
        """Files that carry the id of a letter and are of other people, who have the same ID: by
        their paths, whom of the letter's own pair they do not name."""

    def inspect(self, known: LetterRecord) -> tuple[LetterRecord, Content]:
        """Return what lies at a letter's known place, and the record with that noted down."""
        place = self._inventory.place(known.path)
        at = file_state(place)
        vouched = self._ledger.vouches_for(known)
        if at is None:
            # one that never came to its place is made for the first time
            missing = known if vouched else known._replace(content="", checked=0)
            return missing, self._without_file(known.path, place)
        if vouched and known.still(at):
            return known, known.content
        if at.size == 0 and not known.content:
            # a name that a run claimed; it was killed before it used it
            return known._replace(**at._asdict()), "older"
        data = read_file(place)
        if data is None:
            return known, "shut"
        # what was damaged is known as that, where it cannot be made anew yet
        content = self._damaged(known, at, data) or self._content(known, data)
        looked = known._replace(**at._asdict(), content=content)
        return looked._replace(checked=time.time_ns()), content

    def _damaged(self, known: LetterRecord, at: FileState, data: bytes) -> Content | None:
        """Return what a letter is that no program can open; None where that is not so.

        None, too, where staff had edited it: what they did is in no version of ours.
        """
        if not (_may_be_cut(data) and at.size <= known.size) or fingerprint_of(data):
            return None
        at_work = self._ledger.unsettled
        if at_work is None or (known.content and self._ledger.vouches_for(known)):
            return "torn" if known.content in {"made", "older", "torn"} else None
        if known.mtime:
            return "older" if (at.mtime, at.inode) == (known.mtime, known.inode) else "torn"
        return "older" if at.mtime <= at_work.last + _GRACE else "torn"

    def _without_file(self, path: str, place: str) -> Content:
        if self._inventory.is_closed(path):
            return "shut"
        return "stranger" if path and os.path.lexists(place) else ""

    def _content(self, known: LetterRecord, data: bytes) -> Content:
        stamp, seen = stamp_of(data), fingerprint_of(data)
        if stamp and stamp.id != known.id:
            return "another"
        if not stamp and not known.content:
            return "stranger"
        # without the id it is ours all the same: it lies where ours lay, and programs may drop it
        if seen and known.output and seen.output == known.output:
            return "made"
        if seen and self._ledger.is_earlier_version(known.id, seen.output):
            return "older"
        if seen and seen.words == known.words != b"":
            return "resaved"
        return "edited" if why_unreadable(data, known.path) is None else "damaged"

    def read_back(
        self, letter_id: str, pair: Pair, path: str, named: bytes
    ) -> tuple[LetterRecord, Content]:
        """Take up a letter that is there though the ledger was lost, as of the day it says itself.

        It is ours where it is what would be made now; else it counts as edited.
        """
        place = self._inventory.place(path)
        at, data = file_state(place), read_file(place)
        stamp = stamp_of(data) if data else None
        known = LetterRecord(
            id=letter_id, path=path, named=named, day=self._campaign.today, inputs=b""
        )
        if not (at and stamp and data):
            return known, "shut"
        day = self._campaign.day(stamp.day)
        made = self._campaign.make(Letter(letter_id, pair, PurePosixPath(path)), day)
        known = known._replace(
            day=stamp.day,
            inputs=self._inputs.of(pair, day),
            output=made.seen.output,
            words=made.seen.words,
        )
        content = self._content(known, data)
        return known._replace(**at._asdict(), content=content), content

    def has(self, known: LetterRecord) -> bool:
        """Return whether an unknown file that carries the letter's id lies at its place."""
        return known.path in self._inventory.unknown.get(known.id, ())

    def others(self, known: LetterRecord, pair: Pair | None = None) -> tuple[str, ...]:
        """Return the unknown files elsewhere that carry the letter's id.

        Those are left out that are not of the `pair`, as far as it is known.
        """
        mine = self._inventory.unknown.get(known.id, ())
        others = (other for other in mine if other != known.path)
        return tuple(o for o in others if pair is None or not self._is_of_others(o, known, pair))

    def _is_of_others(self, path: str, known: LetterRecord, pair: Pair) -> bool:
        """Return whether a file is other people's letter, though it carries the letter's id.

        Two computers may have given one ID to two people. It is if the letter names its people as
        it is made, and the file does not, under the name of today or the register's.
        """
        if path not in self._judged:
            person = self._not_named_in(path, known, pair)
            if person:
                self.somebody_elses[path] = person
            self._judged.add(path)
        return path in self.somebody_elses

    def _not_named_in(self, path: str, known: LetterRecord, pair: Pair) -> Person | None:
        data = read_file(self._inventory.place(path))
        seen = fingerprint_of(data) if data else None
        if not (data and seen):
            return None
        if seen.output == known.output or self._ledger.is_earlier_version(known.id, seen.output):
            return None
        letter = Letter(known.id, pair, PurePosixPath(path))
        made = self._campaign.make(letter, self._campaign.day(known.day)).data
        ours, theirs = plain_text(made, path), plain_text(data, path)
        for person in (pair.signer, pair.recipient) if theirs else ():
            name = str(person.name)
            names = (name, self.earlier_name(known.id, person.kind))
            if is_named_in(name, ours) and not any(is_named_in(each, theirs) for each in names):
                return person
        return None

    def place(self, content: Content, known: LetterRecord, elsewhere: Sequence[str]) -> str:
        """Return where the letter's file is on the disk; empty where there is none."""
        if content not in {"", "another", "stranger"}:
            return self._inventory.place(known.path)
        return self._inventory.place(elsewhere[0]) if len(elsewhere) == 1 else ""


def usual_paths(campaign: Campaign, folder: Path) -> Iterator[str]:
    """Yield the paths of all letters in an empty folder, as far as they can be told."""
    pattern = campaign.names.within(str(folder.absolute()))
    for pair in campaign.workbook.pairs():
        with suppress(DataError):
            yield pattern.of_pair(pair, campaign.facts.of_pair) + LETTER_ENDING


class LetterPaths:
    """The paths that letters have or may get: the pattern of file names, what is taken."""

    def __init__(self, campaign: Campaign, ledger: Ledger, inventory: Inventory) -> None:
        self._ledger, self._inventory = ledger, inventory
        self._pattern = campaign.names.within(str(Path(inventory.folder).absolute()))
        self._values = campaign.facts.of_pair
        self._labels: dict[tuple[str, str], bytes] = {}
        self._folders: dict[str, bool] = {}
        """Whether folders were there when a name in them was first asked for."""

    def usual(self, pair: Pair) -> str:
        """Return the path of a pair's letter in an empty folder."""
        return self._pattern.of_pair(pair, self._values) + LETTER_ENDING

    def usual_if_any(self, pair: Pair) -> PurePosixPath:
        """Return the same; empty where it cannot be told."""
        try:
            return PurePosixPath(self.usual(pair))
        except DataError:
            return PurePosixPath()

    def free_name(self, pair: Pair, usual: str = "") -> str:
        """Return the usual path, or one like it where something has it."""
        return self.free_path(usual or self.usual(pair))

    def free_path(self, path: str) -> str:
        """Return the path, or one like it where something has it."""
        stem = path.removesuffix(LETTER_ENDING)
        return self._taken.take(stem, LETTER_ENDING, self._is_there)

    def reserve(self, path: str) -> None:
        """Let no other letter get the path."""
        self._taken.reserve(path)

    def new_path(self, known: LetterRecord, pair: Pair) -> PurePosixPath | None:
        """Return the path that a letter of a corrected name is to have; None where it has that."""
        if self.keeps_path(known, pair):
            return None
        usual = self.usual(pair)
        if path_key(usual) == path_key(known.path) and not self._is_there(usual):
            return PurePosixPath(usual)  # in other capitals, which this disk takes for another name
        return None if self.is_usual(known.path, pair) else PurePosixPath(self.free_path(usual))

    def keeps_path(self, known: LetterRecord, pair: Pair) -> bool:
        """Return whether a letter is named after those whose it is, or by hand, and is wanted."""
        is_as_named = known.named in {NAMED_BY_HAND, self.named_after(pair)}
        return is_as_named and not known.path.startswith(f"{ORPHANS_FOLDER}/")

    def is_usual(self, path: str, pair: Pair) -> bool:
        """Return whether a path is that of the pair's letter, or like it but for a number."""
        return path_key(self.usual(pair)) in usual_keys(path)

    def named_after(self, pair: Pair) -> bytes:
        """Return a hash of whom a letter is named after."""
        return self._label(pair.signer) + self._label(pair.recipient)

    def _label(self, person: Person) -> bytes:
        key = (person.kind, person.key)
        if key not in self._labels:
            plain = bytes.fromhex(short_hash(person.label)[:8])
            self._labels[key] = self._ledger.salt.data(plain)
        return self._labels[key]

    @cached_property
    def _taken(self) -> FreeNames:
        """The names that letters have, whatever else lies there."""
        names = FreeNames()
        for path in self._ledger.paths():
            names.reserve(path)
        return names

    def _is_there(self, path: str) -> bool:
        """Return whether something lies at a path; in a folder that is not there nothing does."""
        if path in self._inventory.spelled:
            return True
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            self._folders[folder] = os.path.lexists(self._inventory.place(folder))
        return self._folders[folder] and os.path.lexists(self._inventory.place(path))
