"""The files of letters: what is at a letter's path, compared with what the ledger has."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from merge.campaign.campaign import Campaign
from merge.disk import FileState, file_state
from merge.letter_status import Content, Letter
from merge.ooxml.stamps import stamp_of
from merge.people import Pair, Person, SheetKind
from merge.proofreading.text import plain_text, why_unreadable
from merge.state.inventory import Inventory
from merge.state.ledger import Ledger
from merge.state.ledger_records import LetterRecord
from merge.state.letters_folder import read_file
from merge.template.fingerprint import fingerprint_of
from merge.template.input_digests import InputDigests
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
