"""IDs that an import gives to new people in the list of signers.

An ID is a short hash of what identifies the person, with the salt of the list. Two computers may
import before their shared folder has synced, even for the first time. Then different people have
different IDs (but for a rare chance, which is an error), and one person has the same ID on both.

For this, the salt of a new list is not random. It is a hash of the first response in the form's
file, with all of its cells: later files of the form begin with it, too. To try names or email
addresses on an ID, one needs the list, or this complete response.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from itertools import chain, count

from merge.intake.form_types import CollectedResponses
from merge.naming import short_hash
from merge.text.folding import folded

_ALPHABET = "23456789CDFGHJMNPQRTVWX"
"""Capital letters and digits that are easy to distinguish.

No letter looks like a digit. Without vowels and K, no words arise.
"""

_LENGTH = 6

IMPORT_ID = re.compile(f"F[{_ALPHABET}]{{{_LENGTH}}}")
"""An ID that an import gave to a person in the list, such as `F7Q2MXD`."""


_SALT_LENGTH = 16
"""Length in bytes."""


def new_list_salt(answers: CollectedResponses) -> str:
    """Return the salt of a new list, from its first response; empty if none."""
    counted = (*answers.people, *answers.refusals)
    responses = chain(counted, *(response.earlier_responses for response in counted))
    first = min(responses, key=lambda response: (response.time_rank, response.row), default=None)
    if first is None:
        return ""
    text = first.source_text.encode(errors="surrogatepass")
    return hashlib.blake2b(text, digest_size=_SALT_LENGTH, person=b"signer list").hexdigest()


def new_import_id(identity: str, used_ids: Collection[str]) -> str:
    """Return the ID of a new person, or another one if someone has it.

    `identity` is a salted hash that identifies the person, `used_ids` are folded.
    """
    all_ids = (_hashed_id(identity, attempt) for attempt in count())
    return next(new_id for new_id in all_ids if folded(new_id) not in used_ids)


def _hashed_id(identity: str, attempt: int) -> str:
    number, characters = int(short_hash(identity, str(attempt)), 16), "F"
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        characters += _ALPHABET[digit]
    return characters
