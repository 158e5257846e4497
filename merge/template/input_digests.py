"""Hashes of everything that a letter is created from.

A letter's inputs are five digests one after the other: its template, and what that template reads
of the signer, of the recipient, of the pair, and of the settings. Its day follows. One comparison
of bytes shows whether a letter is out of date. Only short hashes of single fields are stored, from
which no value can be recovered. All except the template's digest and the day are salted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from merge.naming import Salt, short_hash
from merge.people import Pair, Person
from merge.template.campaign_templates import Templates
from merge.values import BLANK, NativeValue, WorkbookValue

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
"""The digests in their order, with labels for
those whose fields are unknown."""
_FIELD_DIGITS = 6
"""Hexadecimal digits of the hash of a field: one
change in 16 million goes unnamed."""

FieldHashes = Mapping[str, str]
"""The hash of each field by its name, `recipient.title`."""


def field_digests(inputs: bytes) -> list[bytes]:
    """Return the digests of inputs that are computed from fields."""
    return [
        inputs[start : start + _DIGEST_BYTES]
        for start in range(_DIGEST_BYTES, len(inputs) - _DAY_BYTES, _DIGEST_BYTES)
    ]


class _RecipientDigests(NamedTuple):
    """The digests that all letters to a recipient have in common."""

    template: str
    template_digest: bytes
    recipient_digest: bytes
    settings_digest: bytes
    reads_pair: bool


class InputDigests:
    """Computes hashes of the inputs of letters: data and templates.

    `field_hashes` collects the hashes of the fields of each digest, for the ledger.
    """

    def __init__(
        self, templates: Templates, settings: Mapping[str, WorkbookValue], salt: Salt
    ) -> None:
        self._templates, self._settings, self._salt = templates, settings, salt
        self._recipients: dict[str, _RecipientDigests] = {}
        self._signers: dict[tuple[str, str], bytes] = {}
        self._fields: dict[tuple[str, str], list[str]] = {}
        self.field_hashes: dict[bytes, FieldHashes] = {}

    def compute(self, pair: Pair, day: dt.date) -> bytes:
        """Return digests of everything that a pair's letter depends on, for a day.

        Raise KeyError if its template is faulty.
        """
        recipient = self._recipients.get(pair.recipient.key)
        if recipient is None:
            recipient = self._recipients[pair.recipient.key] = self._recipient_digests(
                pair.recipient
            )
        signer = self._signers.get((recipient.template, pair.signer.key))
        if signer is None:
            signer = self._digest_fields(recipient.template, "signer", pair.signer.fields)
            self._signers[recipient.template, pair.signer.key] = signer
        pair_digest = (
            self._digest_fields(recipient.template, "pair", pair.fields)
            if recipient.reads_pair
            else _NO_DIGEST
        )
        return (
            recipient.template_digest
            + signer
            + recipient.recipient_digest
            + pair_digest
            + recipient.settings_digest
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

    def _digest_fields(
        self, template: str, root: str, fields: Mapping[str, WorkbookValue]
    ) -> bytes:
        """Return 8 bytes for the fields that the template reads of a root."""
        values = {
            f"{root}.{tag}": fields.get(tag, BLANK) for tag in self._fields_read(template, root)
        }
        hashes = {name: _value_hash(value, value.native) for name, value in values.items()}
        unsalted = bytes.fromhex(short_hash(root, *(f"{n}={h}" for n, h in hashes.items())))
        digest_bytes = self._salt.hash_bytes(unsalted)
        if digest_bytes not in self.field_hashes:
            self.field_hashes[digest_bytes] = {
                name: _stored_hash(digest, self._salt) for name, digest in hashes.items()
            }
        return digest_bytes

    def _fields_read(self, template: str, root: str) -> list[str]:
        """Return the fields of a root that a template reads.

        The recipient's and the settings' language is always one, because dates and numbers need it.
        """
        if (template, root) not in self._fields:
            uses = self._templates.compiled[template].uses
            fields_used = {name.field for name, _ in uses if name.root == root and name.field}
            fields_used |= {"language"} if root in {"recipient", "settings"} else set()
            self._fields[template, root] = sorted(fields_used)
        return self._fields[template, root]


def _value_hash(text: str, native: NativeValue) -> str:
    return short_hash(str(text), repr(native))


def _stored_hash(value_hash: str, salt: Salt) -> str:
    return salt.hash_text(value_hash[:_FIELD_DIGITS])[:_FIELD_DIGITS]


def changed_fields(person: Person, old_hashes: FieldHashes, salt: Salt) -> list[str]:
    """Return the placeholder names of a person's fields that have changed."""
    values = {
        tag: (digest, person.fields.get(tag, BLANK))
        for root, _, tag, digest in ((*name.partition("."), h) for name, h in old_hashes.items())
        if root == person.kind and tag
    }
    return [
        tag
        for tag, (digest, value) in values.items()
        if digest != _stored_hash(_value_hash(value, value.native), salt)
    ]


def possible_field_hashes(text: str, salt: Salt) -> Iterator[str]:
    """Yield the hashes of a field that shows a text.

    Its cell has the text, or a whole number.
    """
    natives: list[NativeValue] = [None]
    if text.isdecimal():
        natives += [int(text), float(text)]
    for native in natives:
        yield _stored_hash(_value_hash(text, native), salt)


@lru_cache(maxsize=1_000)
def _day_bytes(day: dt.date) -> bytes:
    return day.toordinal().to_bytes(_DAY_BYTES, "big")


def find_changed_inputs(
    old: bytes, new: bytes, field_hashes: Callable[[bytes], FieldHashes | None]
) -> list[str]:
    """Return the names of differing inputs: `the template`, `recipient.title`.

    `field_hashes` returns the hashes of the fields of a digest, or None if they are unknown.
    """
    names = []
    for number, label in enumerate(_ROOT_LABELS.values()):
        part = slice(number * _DIGEST_BYTES, (number + 1) * _DIGEST_BYTES)
        if old[part] != new[part]:
            old_hashes, new_hashes = field_hashes(old[part]), field_hashes(new[part])
            if old_hashes is None or new_hashes is None:
                names.append(label)
            else:
                names += [
                    name
                    for name in old_hashes
                    if name in new_hashes and old_hashes[name] != new_hashes[name]
                ]
    return names + (["the date"] if old[-_DAY_BYTES:] != new[-_DAY_BYTES:] else [])
