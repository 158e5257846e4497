"""Hashes of everything that a letter is created from.

A letter's inputs are five digests one after the other: its template, and what that template reads
of the signer, of the recipient, of the pair, and of the settings. Its day follows. One comparison
of bytes shows whether a letter is out of date. The values of the fields are stored by their digest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from merge.letter_inputs import DAY_BYTES, DIGEST_BYTES, DataChange, FieldValues, split_digests
from merge.naming import short_hash
from merge.people import Pair, Person
from merge.template.campaign_templates import Templates
from merge.values import BLANK, WorkbookValue

_NO_DIGEST = bytes(DIGEST_BYTES)
_ROOT_LABELS = {
    "template": "the template",
    "signer": "the signer",
    "recipient": "the recipient",
    "pair": "the sheet Pairs",
    "settings": "the settings",
}
"""The digests in their order, with labels for
those whose fields are unknown."""


class _RecipientDigests(NamedTuple):
    """The digests that all letters to a recipient have in common."""

    template: str
    template_digest: bytes
    recipient_digest: bytes
    settings_digest: bytes
    reads_pair: bool


class InputDigests:
    """Computes hashes of the inputs of letters: data and templates.

    `field_values` collects the values of the fields of each digest, for the ledger.
    """

    def __init__(self, templates: Templates, settings: Mapping[str, WorkbookValue]) -> None:
        self._templates, self._settings = templates, settings
        self._recipients: dict[str, _RecipientDigests] = {}
        self._signers: dict[tuple[str, str], bytes] = {}
        self._fields: dict[tuple[str, str], list[str]] = {}
        self.field_values: dict[bytes, FieldValues] = {}

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
        hashes = (f"{n}={short_hash(str(v), repr(v.native))}" for n, v in values.items())
        digest = bytes.fromhex(short_hash(root, *hashes))
        if digest not in self.field_values:
            self.field_values[digest] = {n: _stored_value(v) for n, v in values.items()}
        return digest

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


def _stored_value(value: WorkbookValue) -> Sequence[str]:
    is_text = value.native is None or isinstance(value.native, str)
    return [str(value)] if is_text else [str(value), repr(value.native)]


def changed_fields(person: Person, old_values: FieldValues) -> list[str]:
    """Return the placeholder names of a person's fields that have changed."""
    names = ((name.partition("."), old) for name, old in old_values.items())
    return [
        tag
        for (root, _, tag), old in names
        if root == person.kind and tag and old != _stored_value(person.fields.get(tag, BLANK))
    ]


@lru_cache(maxsize=1_000)
def _day_bytes(day: dt.date) -> bytes:
    return day.toordinal().to_bytes(DAY_BYTES, "big")


def find_changed_inputs(
    old: bytes, new: bytes, field_values: Callable[[bytes], FieldValues | None]
) -> list[DataChange]:
    """Return the differing inputs: `the template`, `recipient.title`.

    `field_values` returns the values of the fields of a digest, or None if they are unknown.
    """
    changes = list[DataChange]()
    digests = zip(_ROOT_LABELS, split_digests(old), split_digests(new), strict=False)
    for root, old_digest, new_digest in digests:
        if old_digest == new_digest:
            continue
        old_values, new_values = field_values(old_digest), field_values(new_digest)
        if root == "template" or old_values is None or new_values is None:
            changes.append(DataChange(_ROOT_LABELS[root]))
        else:
            changes += [
                DataChange(name, value[0], new_values[name][0])
                for name, value in old_values.items()
                if name in new_values and value != new_values[name]
            ]
    return changes + ([DataChange("the date")] if old[-DAY_BYTES:] != new[-DAY_BYTES:] else [])
