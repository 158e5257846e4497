"""Letters' files, compared with what the ledger has."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from merge.campaign.campaign import Campaign
from merge.disk import FileState, file_state
from merge.letter_status import FileContent, Letter
from merge.naming import is_conflict_copy
from merge.ooxml.stamps import read_stamp
from merge.people import Pair, Person, SheetKind
from merge.proofreading.text import plain_text, unreadable_reason
from merge.state.folder_access import read_file
from merge.state.inventory import LettersFolderInventory, letter_id_in
from merge.state.ledger import Ledger
from merge.state.ledger_records import LetterRecord
from merge.template.fingerprint import fingerprint_letter, output_hash
from merge.template.input_digests import InputDigests
from merge.text.names import is_named_in

_GRACE = 30_000_000_000
"""Nanoseconds in which a changed letter still counts as the run's own.

They begin with the run's last record: it may have written one more batch of letters. No computer is
running again, with Word open, so soon.
"""

_unedited_letters: dict[tuple[str, LetterRecord], tuple[LetterRecord, bytes]] = {}
"""Letters that were found unedited, by path and record in the ledger.

Each with its updated record and a hash of its file. A computer that did not write the letters has
stored no states of their files, and on FAT and exFAT such states show nothing. There, every look at
a campaign would unpack all letters again.
"""
_MAX_REMEMBERED = 50_000


def _remember_unedited(
    key: tuple[str, LetterRecord], record: LetterRecord, file_hash: bytes
) -> None:
    if len(_unedited_letters) >= _MAX_REMEMBERED:
        _unedited_letters.clear()
    _unedited_letters[key] = record, file_hash


def _may_be_truncated(data: bytes) -> bool:
    """Return whether bytes may be a truncated .docx, or empty disk space.

    No text file begins with these bytes.
    """
    return data[:2] in {b"", b"PK", b"\0\0"}


class LetterFiles:
    """The files in the letters folder, each compared with the ledger."""

    def __init__(
        self,
        campaign: Campaign,
        ledger: Ledger,
        inventory: LettersFolderInventory,
        inputs: InputDigests,
    ) -> None:
        self._campaign, self._ledger, self._inventory = campaign, ledger, inventory
        self._inputs = inputs
        self.earlier_name: Callable[[str, SheetKind], str] = lambda _id, _kind: ""
        """Function that returns the register's name for a letter's person, if any."""
        self._compared_files: set[str] = set()
        self.unedited_copies: dict[str, FileState] = {}
        """Conflict copies of letters that no one edited, with the files' states."""
        self.files_of_others: dict[str, Person] = {}
        """Files with a letter's ID that belong to other people with that ID.

        By path, the person of the letter's own pair whom the file does not name.
        """

    def inspect(self, known: LetterRecord) -> tuple[LetterRecord, FileContent]:
        """Return a letter's updated record, and the content of its known path."""
        place = self._inventory.full_path(known.path)
        file_state_now = file_state(place)
        if file_state_now is None:
            # a letter that never reached its path is created for the first time
            is_confirmed = self._ledger.is_confirmed_on_disk(known)
            missing = known if is_confirmed else known._replace(content="", checked=0)
            return missing, self._missing_content(known.path, place)
        seen, seen_hash = _unedited_letters.get((place, known), (known, b""))
        if self._ledger.is_confirmed_on_disk(seen) and seen.matches(file_state_now):
            return seen, seen.content
        if file_state_now.size == 0 and not known.content:
            # a run reserved the name and was killed before it used it
            return known._replace(**file_state_now._asdict()), "older"
        data = read_file(place)
        if data is None:
            return known, "shut"
        file_hash = hashlib.blake2b(data, digest_size=16).digest()
        content = (
            "made" if file_hash == seen_hash else self._read_content(known, file_state_now, data)
        )
        record = known._replace(**file_state_now._asdict(), content=content, checked=time.time_ns())
        if content == "made":
            _remember_unedited((place, known), record, file_hash)
        return record, content

    def _read_content(self, known: LetterRecord, at: FileState, data: bytes) -> FileContent:
        """Return what a letter's bytes are.

        A damaged letter is recorded as damaged in case it cannot be created again yet.
        """
        output = output_hash(data)
        damaged = None if output else self._damaged_content(known, at, data)
        return damaged or self._classify(known, data, output)

    def _damaged_content(
        self, known: LetterRecord, at: FileState, data: bytes
    ) -> FileContent | None:
        """Return how bytes that no program opens are damaged.

        Return None if they are another kind of file, or if staff had edited the letter: no version
        of the program has their edits.
        """
        if not (_may_be_truncated(data) and at.size <= known.size):
            return None
        run_time = self._ledger.interrupted_run
        if run_time is None or (known.content and self._ledger.is_confirmed_on_disk(known)):
            return "torn" if known.content in {"made", "older", "torn"} else None
        if known.mtime:
            return "older" if (at.mtime, at.inode) == (known.mtime, known.inode) else "torn"
        return "older" if at.mtime <= run_time.last + _GRACE else "torn"

    def _missing_content(self, path: str, place: str) -> FileContent:
        if self._inventory.is_in_unreadable_folder(path):
            return "shut"
        return "stranger" if path and os.path.lexists(place) else ""

    def _classify(self, known: LetterRecord, data: bytes, output: bytes) -> FileContent:
        """Return what bytes with this hash of their parts are."""
        if output and output == known.output:
            return "made"
        stamp, fingerprint = read_stamp(data), fingerprint_letter(data)
        if stamp and stamp.id != known.id:
            return "another"
        if not stamp and not known.content:
            return "stranger"
        # a missing ID does not matter: the path is right, and other programs may drop the ID
        if output and self._ledger.state.is_earlier_version(known.id, output):
            return "older"
        if fingerprint and fingerprint.words == known.words != b"":
            return "resaved"
        return "edited" if unreadable_reason(data, known.path) is None else "damaged"

    def recover_record(
        self, letter_id: str, pair: Pair, path: str, named: bytes
    ) -> tuple[LetterRecord, FileContent]:
        """Recover the record of a letter whose ledger was lost.

        The day is the one that the file states. The letter counts as unedited if it is what would
        be created now; else it counts as edited.
        """
        place = self._inventory.full_path(path)
        state, data = file_state(place), read_file(place)
        stamp = read_stamp(data) if data else None
        record = LetterRecord(
            id=letter_id,
            path=path,
            named=named,
            day=self._campaign.today,
            inputs=b"",
            who=self._campaign.identity.ids_of(pair),
        )
        if not (state and stamp and data):
            return record, "shut"
        day = self._campaign.letter_date(stamp.day)
        rendered = self._campaign.render(Letter(letter_id, pair, PurePosixPath(path)), day)
        record = record._replace(
            day=stamp.day,
            inputs=self._inputs.compute(pair, day),
            output=rendered.fingerprint.output,
            words=rendered.fingerprint.words,
        )
        content = self._classify(record, data, output_hash(data))
        return record._replace(**state._asdict(), content=content), content

    def has_unrecorded_file(self, known: LetterRecord) -> bool:
        """Return whether the path has an unrecorded file with the letter's ID."""
        return known.path in self._inventory.unknown_letters.get(known.id, ())

    def has_appeared(self, known: LetterRecord) -> bool:
        """Return whether the path has the letter's file by now.

        On a drive whose locks do nothing, another run may have written it since the inventory was
        taken.
        """
        if self._ledger.state.letter_id_at(known.path) not in {"", known.id}:
            return False
        return letter_id_in(self._inventory.full_path(known.path)) == known.id

    def other_files(self, known: LetterRecord, pair: Pair | None = None) -> tuple[str, ...]:
        """Return paths of unrecorded files elsewhere with the letter's ID.

        Conflict copies that no one edited are skipped. If the pair is given, files of other people
        are, too.
        """
        paths = self._inventory.unknown_letters.get(known.id, ())
        others = (p for p in paths if p != known.path and not self._is_unedited_copy(p, known))
        return tuple(
            path
            for path in others
            if pair is None or not self._belongs_to_others(path, known, pair)
        )

    def _is_unedited_copy(self, path: str, known: LetterRecord) -> bool:
        """Return whether a file is a conflict copy as the program wrote it.

        The letter must be in its place. A copy of the current version is needed if that file is
        another one: an edit of an earlier version, or an earlier version itself.
        """
        if path in self.unedited_copies:
            return True
        copy, original = PurePosixPath(path), PurePosixPath(known.path)
        is_beside = copy.parent == original.parent and is_conflict_copy(copy, original)
        if not is_beside or self._inventory.is_open(path):
            return False
        place, letter_place = map(self._inventory.full_path, (path, known.path))
        state, output = file_state(place), output_hash(read_file(place) or b"")
        if not (state and output and letter_id_in(letter_place) == known.id):
            return False
        if output == known.output:
            is_superfluous = output_hash(read_file(letter_place) or b"") == output
        else:
            is_superfluous = self._ledger.state.is_earlier_version(known.id, output)
        if is_superfluous:
            self.unedited_copies[path] = state
        return is_superfluous

    def _belongs_to_others(self, path: str, known: LetterRecord, pair: Pair) -> bool:
        """Return whether a file with the letter's ID is another person's letter.

        Two computers may have given one ID to two people. It is another person's letter if the
        letter, as created now, names its people and the file does not. The names of today and of
        the register count.
        """
        if path not in self._compared_files:
            person = self._find_unnamed_person(path, known, pair)
            if person:
                self.files_of_others[path] = person
            self._compared_files.add(path)
        return path in self.files_of_others

    def _find_unnamed_person(self, path: str, known: LetterRecord, pair: Pair) -> Person | None:
        data = read_file(self._inventory.full_path(path))
        fingerprint = fingerprint_letter(data) if data else None
        if not (data and fingerprint):
            return None
        if fingerprint.output == known.output or self._ledger.state.is_earlier_version(
            known.id, fingerprint.output
        ):
            return None
        letter = Letter(known.id, pair, PurePosixPath(path))
        rendered = self._campaign.render(letter, self._campaign.letter_date(known.day)).data
        expected_text, file_text = plain_text(rendered, path), plain_text(data, path)
        for person in (pair.signer, pair.recipient) if file_text else ():
            name = str(person.name)
            names = (name, self.earlier_name(known.id, person.kind))
            if is_named_in(name, expected_text) and not any(
                is_named_in(known_name, file_text) for known_name in names
            ):
                return person
        return None

    def file_path(self, content: FileContent, known: LetterRecord, elsewhere: Sequence[str]) -> str:
        """Return the path of the letter's file; empty if the file is missing."""
        if content not in {"", "another", "stranger"}:
            return self._inventory.full_path(known.path)
        return self._inventory.full_path(elsewhere[0]) if len(elsewhere) == 1 else ""
