"""What each row is to hold: a letter's, and a person's with the number of letters. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from merge.register.memory import Record, label, plain
from merge.register.records import UNWANTED, Entry

_NO_LETTER = Record(("", "", "", "", "", None, ""), ("", ""))


def letter_record(entry: Entry, old: Record | None = None) -> Record:
    """What a letter's row is to hold, given what it has held so far."""
    had = old or _NO_LETTER
    _, signer, recipient, file, _state, made, batch = had.values
    signer_id, recipient_id = had.people or ("", "")
    if not (entry.fixed and old):
        signer = label(entry.signer) or signer
        recipient = label(entry.recipient) or recipient
        made = entry.made or made
    file = plain(entry.file) or file
    batch = batch if entry.batch is None else plain(entry.batch)
    values = (entry.id, signer, recipient, file, entry.state, made, batch)
    return Record(values, (entry.signer_id or signer_id, entry.recipient_id or recipient_id))


class Counts:
    """The people on one side of the letters, counted as the letters go by."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        """By the person's id; empty where no letter says it."""
        self._letters: dict[str, int] = {}

    def add(self, person: str, name: str, entry: Entry) -> None:
        """One more letter of a person; one that is no longer wanted does not count."""
        if name or person not in self.names:
            self.names[person] = label(name)
        self._letters[person] = self._letters.get(person, 0) + (entry.state != UNWANTED)

    def record(self, person: str, name: str) -> Record:
        """What the person's row is to hold; its name where no letter says it."""
        return Record((person, self.names.get(person) or name, self._letters.get(person, 0)))

    def records(self) -> Iterator[Record]:
        """Everybody's, in the order of the letters; people without a name are left out."""
        return (self.record(person, "") for person, name in self.names.items() if name)
