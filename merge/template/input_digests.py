"""What a letter is made from, as hashes that show what changed.

A letter's inputs are five pieces, one behind the other: its template, and what that template
reads of the signer, of the recipient, of the pair, and of the settings; then its day. Whether a
letter is out of date is one comparison of bytes. Of single fields only short hashes are kept, by
which no value can be found again. All but the template's and the day are salted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from merge.naming import Salt, short_hash
from merge.people import Pair, Person
from merge.template.campaign_templates import Templates
from merge.values import BLANK, Value

_DIGEST_BYTES = 8
_DAY_BYTES = 4
"""Bytes."""

_NO_DIGEST = bytes(_DIGEST_BYTES)
_ROOT_LABELS = {
    "template": "the template",
    "signer": "the signer",
    "recipient": "the recipient",
    "pair": "the sheet Pairs",
    "settings": "the settings",
}
"""The pieces in their order, with what is said of one whose fields are not known."""
_FIELD_DIGITS = 6
"""Hexadecimal digits of the hash of a field: one change in 16 million goes unnamed."""

FieldHashes = Mapping[str, str]
"""The hash of each field by its name, `recipient.title`."""


def field_digests(inputs: bytes) -> list[bytes]:
    """Return the pieces of inputs that fields stand behind."""
    return [
        inputs[at : at + _DIGEST_BYTES]
        for at in range(_DIGEST_BYTES, len(inputs) - _DAY_BYTES, _DIGEST_BYTES)
    ]


class _RecipientDigests(NamedTuple):
    """What all letters to a recipient have in common, in pieces."""

    template: str
    template_digest: bytes
    recipient_digest: bytes
    settings_digest: bytes
    reads_pair: bool


class InputDigests:
    """Computes what the letters of a campaign are made from.

    `said` collects the fields behind each piece, for the ledger.
    """

    def __init__(self, templates: Templates, settings: Mapping[str, Value], salt: Salt) -> None:
        self._templates, self._settings, self._salt = templates, settings, salt
        self._recipients: dict[str, _RecipientDigests] = {}
        self._signers: dict[tuple[str, str], bytes] = {}
        self._fields: dict[tuple[str, str], list[str]] = {}
        self.field_hashes: dict[bytes, FieldHashes] = {}

    def compute(self, pair: Pair, day: dt.date) -> bytes:
        """Return the inputs of a pair's letter on a day. KeyError if its template has faults."""
        known = self._recipients.get(pair.recipient.key)
        if known is None:
            known = self._recipients[pair.recipient.key] = self._recipient_digests(pair.recipient)
        signer = self._signers.get((known.template, pair.signer.key))
        if signer is None:
            signer = self._digest_fields(known.template, "signer", pair.signer.fields)
            self._signers[known.template, pair.signer.key] = signer
        own = (
            self._digest_fields(known.template, "pair", pair.fields)
            if known.reads_pair
            else _NO_DIGEST
        )
        return (
            known.template_digest
            + signer
            + known.recipient_digest
            + own
            + known.settings_digest
            + _day_bytes(day)
        )

    def _recipient_digests(self, recipient: Person) -> _RecipientDigests:
        template = self._templates.name_for(recipient)
        return _RecipientDigests(
            template,
            self._templates.compiled[template].digest,
            self._digest_fields(template, "recipient", recipient.fields),
            self._digest_fields(template, "settings", self._settings),
            reads_pair=bool(self._fields_read(template, "pair")),
        )

    def _digest_fields(self, template: str, root: str, fields: Mapping[str, Value]) -> bytes:
        """Return 8 bytes for what the template reads of these fields."""
        own = {f"{root}.{tag}": fields.get(tag, BLANK) for tag in self._fields_read(template, root)}
        hashes = {name: short_hash(str(value), repr(value.native)) for name, value in own.items()}
        plain = bytes.fromhex(short_hash(root, *(f"{n}={h}" for n, h in hashes.items())))
        piece = self._salt.hash_bytes(plain)
        if piece not in self.field_hashes:
            self.field_hashes[piece] = {
                name: self._salt.hash_text(digest[:_FIELD_DIGITS])[:_FIELD_DIGITS]
                for name, digest in hashes.items()
            }
        return piece

    def _fields_read(self, template: str, root: str) -> list[str]:
        """Return the fields of a root that a template reads; dates, numbers need the language."""
        if (template, root) not in self._fields:
            uses = self._templates.compiled[template].uses
            own = {name.field for name, _ in uses if name.root == root and name.field}
            own |= {"language"} if root in {"recipient", "settings"} else set()
            self._fields[template, root] = sorted(own)
        return self._fields[template, root]


@lru_cache(maxsize=1_000)
def _day_bytes(day: dt.date) -> bytes:
    return day.toordinal().to_bytes(_DAY_BYTES, "big")


def find_changed_inputs(
    old: bytes, new: bytes, field_hashes: Callable[[bytes], FieldHashes | None]
) -> list[str]:
    """Return the names of what differs between two inputs: `the template`, `recipient.title`.

    `said` gives the fields behind a piece, None where they are not known.
    """
    names = []
    for number, label in enumerate(_ROOT_LABELS.values()):
        piece = slice(number * _DIGEST_BYTES, (number + 1) * _DIGEST_BYTES)
        if old[piece] != new[piece]:
            was, now = field_hashes(old[piece]), field_hashes(new[piece])
            if was is None or now is None:
                names.append(label)
            else:
                names += [name for name in was if name in now and was[name] != now[name]]
    return names + (["the date"] if old[-_DAY_BYTES:] != new[-_DAY_BYTES:] else [])
