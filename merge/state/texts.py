"""Texts that letters are created from: their keys, and their use.

A text is kept as long as the file that it explains: the letter, or its version in a print file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from merge.state.entries import TextKey
from merge.state.fold import CampaignState


class LetterTexts(NamedTuple):
    """The keys of the texts that a letter was created from.

    They are the template, the rows of the two people, of the pair and of the settings, and the
    original. A key is None if there is no such text.
    """

    template: TextKey | None = None
    signer: TextKey | None = None
    recipient: TextKey | None = None
    pair: TextKey | None = None
    settings: TextKey | None = None
    original: TextKey | None = None

    @classmethod
    def read(cls, text: str) -> LetterTexts:
        """Return the keys in the field of a letter's entry.

        All are None if the field is not as `write` writes it.
        """
        keys, run = list[TextKey | None](), ""
        for word in text.split(" "):
            if word == _NONE:
                keys.append(None)
            elif match := _KEY.fullmatch(word):
                run = match["run"] or run
                keys.append(TextKey(run, int(match["number"])))
        return cls._make(keys) if len(keys) == len(cls._fields) else cls()

    def write(self) -> str:
        """Return the keys as the field of a letter's entry.

        A key without a run has the run of the previous key.
        """
        words, run = list[str](), ""
        for key in self:
            words.append(_write_key(key, run) if key else _NONE)
            run = key.run if key else run
        return " ".join(words)


def _write_key(key: TextKey, last_run: str) -> str:
    return str(key.number) if key.run == last_run else f"{key.run}:{key.number}"


_NONE = "-"
_KEY = re.compile("(?:(?P<run>[0-9a-f]{10}):)?(?P<number>[1-9][0-9]{0,9})")


def texts_in_use(state: CampaignState, existing_letters: Iterable[str]) -> set[TextKey]:
    """Return the keys of texts that explain a file or are needed later.

    `existing_letters` are the IDs of letters that have a file.
    """
    return set(filter(None, _texts_in_use(state, existing_letters)))


def _texts_in_use(
    state: CampaignState, existing_letters: Iterable[str]
) -> Iterator[TextKey | None]:
    for letter_id in existing_letters:
        letter = state.letter(letter_id)
        yield from LetterTexts.read(letter.texts) if letter else ()
    for printed in state.prints():
        for version in state.versions(printed.id):
            if version.output == printed.output:
                yield from LetterTexts.read(version.texts)
    yield from (person.row for person in state.people())
    yield from (answer.values for answer in state.answers())
    yield from (deletion.terms for deletion in state.pending_deletions())
