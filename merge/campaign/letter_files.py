"""The files of letters: what is at a letter's path, compared with what the ledger has."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from merge.campaign.campaign import Campaign
from merge.disk import FileState, file_state
from merge.letter_status import FileContent, Letter
from merge.ooxml.stamps import read_stamp
from merge.people import Pair, Person, SheetKind
from merge.proofreading.text import plain_text, unreadable_reason
from merge.state.folder_access import read_file
from merge.state.inventory import Inventory
from merge.state.ledger import Ledger
from merge.state.ledger_records import LetterRecord
from merge.template.fingerprint import fingerprint_letter
from merge.template.input_digests import InputDigests
from merge.text.names import is_named_in

_GRACE = 30_000_000_000
"""Nanoseconds after the last that a run wrote down of its work in which a letter is still its own:
letters of one more batch. No computer is on again, with Word open, so soon."""


def _may_be_truncated(data: bytes) -> bool:
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
        self._compared_files: set[str] = set()
        self.files_of_others: dict[str, Person] = {}
        """Files that carry the id of a letter and are of other people, who have the same ID: by
        their paths, whom of the letter's own pair they do not name."""

    def inspect(self, known: LetterRecord) -> tuple[LetterRecord, FileContent]:
        """Return what lies at a letter's known place, and the record with that noted down."""
        place = self._inventory.full_path(known.path)
        at = file_state(place)
        vouched = self._ledger.is_confirmed_on_disk(known)
        if at is None:
            # one that never came to its place is made for the first time
            missing = known if vouched else known._replace(content="", checked=0)
            return missing, self._missing_content(known.path, place)
        if vouched and known.matches(at):
            return known, known.content
        if at.size == 0 and not known.content:
            # a name that a run claimed; it was killed before it used it
            return known._replace(**at._asdict()), "older"
        data = read_file(place)
        if data is None:
            return known, "shut"
        # what was damaged is known as that, where it cannot be made anew yet
        content = self._damaged_content(known, at, data) or self._classify(known, data)
        looked = known._replace(**at._asdict(), content=content)
        return looked._replace(checked=time.time_ns()), content

    def _damaged_content(
        self, known: LetterRecord, at: FileState, data: bytes
    ) -> FileContent | None:
        """Return what a letter is that no program can open; None where that is not so.

        None, too, where staff had edited it: what they did is in no version of ours.
        """
        if not (_may_be_truncated(data) and at.size <= known.size) or fingerprint_letter(data):
            return None
        at_work = self._ledger.interrupted_run
        if at_work is None or (known.content and self._ledger.is_confirmed_on_disk(known)):
            return "torn" if known.content in {"made", "older", "torn"} else None
        if known.mtime:
            return "older" if (at.mtime, at.inode) == (known.mtime, known.inode) else "torn"
        return "older" if at.mtime <= at_work.last + _GRACE else "torn"

    def _missing_content(self, path: str, place: str) -> FileContent:
        if self._inventory.is_in_unreadable_folder(path):
            return "shut"
        return "stranger" if path and os.path.lexists(place) else ""

    def _classify(self, known: LetterRecord, data: bytes) -> FileContent:
        stamp, seen = read_stamp(data), fingerprint_letter(data)
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
        return "edited" if unreadable_reason(data, known.path) is None else "damaged"

    def recover_record(
        self, letter_id: str, pair: Pair, path: str, named: bytes
    ) -> tuple[LetterRecord, FileContent]:
        """Take up a letter that is there though the ledger was lost, as of the day it says itself.

        It is ours where it is what would be made now; else it counts as edited.
        """
        place = self._inventory.full_path(path)
        at, data = file_state(place), read_file(place)
        stamp = read_stamp(data) if data else None
        known = LetterRecord(
            id=letter_id, path=path, named=named, day=self._campaign.today, inputs=b""
        )
        if not (at and stamp and data):
            return known, "shut"
        day = self._campaign.letter_date(stamp.day)
        made = self._campaign.render(Letter(letter_id, pair, PurePosixPath(path)), day)
        known = known._replace(
            day=stamp.day,
            inputs=self._inputs.compute(pair, day),
            output=made.fingerprint.output,
            words=made.fingerprint.words,
        )
        content = self._classify(known, data)
        return known._replace(**at._asdict(), content=content), content

    def has_unrecorded_file(self, known: LetterRecord) -> bool:
        """Return whether an unknown file that carries the letter's id lies at its place."""
        return known.path in self._inventory.unknown_letters.get(known.id, ())

    def other_files(self, known: LetterRecord, pair: Pair | None = None) -> tuple[str, ...]:
        """Return the unknown files elsewhere that carry the letter's id.

        Those are left out that are not of the `pair`, as far as it is known.
        """
        mine = self._inventory.unknown_letters.get(known.id, ())
        others = (other for other in mine if other != known.path)
        return tuple(
            o for o in others if pair is None or not self._belongs_to_others(o, known, pair)
        )

    def _belongs_to_others(self, path: str, known: LetterRecord, pair: Pair) -> bool:
        """Return whether a file is other people's letter, though it carries the letter's id.

        Two computers may have given one ID to two people. It is if the letter names its people as
        it is made, and the file does not, under the name of today or the register's.
        """
        if path not in self._compared_files:
            person = self._find_unnamed_person(path, known, pair)
            if person:
                self.files_of_others[path] = person
            self._compared_files.add(path)
        return path in self.files_of_others

    def _find_unnamed_person(self, path: str, known: LetterRecord, pair: Pair) -> Person | None:
        data = read_file(self._inventory.full_path(path))
        seen = fingerprint_letter(data) if data else None
        if not (data and seen):
            return None
        if seen.output == known.output or self._ledger.is_earlier_version(known.id, seen.output):
            return None
        letter = Letter(known.id, pair, PurePosixPath(path))
        made = self._campaign.render(letter, self._campaign.letter_date(known.day)).data
        ours, theirs = plain_text(made, path), plain_text(data, path)
        for person in (pair.signer, pair.recipient) if theirs else ():
            name = str(person.name)
            names = (name, self.earlier_name(known.id, person.kind))
            if is_named_in(name, ours) and not any(is_named_in(each, theirs) for each in names):
                return person
        return None

    def file_path(self, content: FileContent, known: LetterRecord, elsewhere: Sequence[str]) -> str:
        """Return where the letter's file is on the disk; empty where there is none."""
        if content not in {"", "another", "stranger"}:
            return self._inventory.full_path(known.path)
        return self._inventory.full_path(elsewhere[0]) if len(elsewhere) == 1 else ""
