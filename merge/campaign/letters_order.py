"""Selection of letters: by people, by kind, or single ones by their IDs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from merge import messages
from merge.advice import Choice
from merge.campaign.campaign import Campaign
from merge.campaign.people_selection import PeopleSelection
from merge.errors import UsageError
from merge.letter_status import Letter, StaffDecision
from merge.problems import option_place
from merge.text.folding import folded

KeptKind = Literal["edited", "resaved", "moved", "print file", "on paper"]
"""Why a letter is not updated automatically, or only on request."""

ClearedDates = Literal["", "release", "restore"]
"""The answer of staff if the last dates of letters were cleared."""

_KINDS: Mapping[str, frozenset[KeptKind]] = {
    "resaved": frozenset({"resaved"}),
    "edited": frozenset({"edited", "resaved"}),
    "moved": frozenset({"moved"}),
    "print-file": frozenset({"print file"}),
    "all": frozenset({"edited", "resaved", "moved", "print file", "on paper"}),
}
"""Words that select all letters of these kinds, instead of a name."""

_KINDS_TO_REPLACE: Mapping[str, frozenset[KeptKind]] = {**_KINDS, "edited": frozenset({"edited"})}
"""Words that select letters to create again.

For these letters, re-saved does not count as edited.
"""

_OPTION_AND_KINDS: Mapping[Choice, tuple[str, Mapping[str, frozenset[KeptKind]]]] = {
    "new": ("replace", _KINDS_TO_REPLACE),
    "keep": ("keep", _KINDS),
    "print": ("accept", _KINDS),
}


@dataclass(frozen=True, slots=True)
class SelectedLetters:
    """The letters that a user's words select: by people, ID or kind."""

    people: PeopleSelection | None = None
    letters: frozenset[str] = frozenset()
    kinds: frozenset[KeptKind] = frozenset()

    def includes(self, letter: Letter, kinds: AbstractSet[KeptKind]) -> bool:
        """Return whether a letter, kept for these reasons, is selected."""
        if letter.id in self.letters or not self.kinds.isdisjoint(kinds):
            return True
        return self.people is not None and self.people.includes(letter.pair)


def select_letters(campaign: Campaign, words: Sequence[str], choice: Choice) -> SelectedLetters:
    """Return the letters that staff selected by words on the command line.

    A word is a name, an ID, the beginning of a letter's ID, or a kind. Raise UsageError if a word
    selects nothing, or a beginning has several letters.
    """
    option, all_kinds = _OPTION_AND_KINDS[choice]
    kinds = frozenset[KeptKind]().union(
        *(all_kinds.get(folded(word), frozenset()) for word in words)
    )
    other_words = [word for word in words if folded(word) not in all_kinds]
    if not other_words:
        return SelectedLetters(kinds=kinds)
    people = {
        folded(word) for person in campaign.workbook.persons for word in (person.name, person.id)
    }
    ids = [
        word
        for word in other_words
        if folded(word) not in people and _LETTER_ID.fullmatch(word.strip().lower())
    ]
    names = [word for word in other_words if word not in ids]
    letters = campaign.letter_labels if ids else {}
    letter_ids = frozenset(find_letter_id(letters, word, option) for word in ids)
    return SelectedLetters(
        campaign.select_people(names, option) if names else None, letter_ids, kinds
    )


_LETTER_ID = re.compile(r"(?=.*\d)[0-9a-f]{4,16}|[a-f]{4}")
"""Text that may be the beginning of a letter's ID."""


def find_letter_id(letters: Mapping[str, str], typed: str, option: str) -> str:
    """Return the ID of the only letter whose ID begins as typed.

    `letters` are labels by ID. Raise UsageError if no letter or several letters match.
    """
    beginning = typed.strip().lower()
    if beginning in letters:
        return beginning
    matching = [letter_id for letter_id in letters if beginning and letter_id.startswith(beginning)]
    if len(matching) == 1:
        return matching[0]
    place = option_place(option, typed)
    if not matching:
        raise UsageError(messages.problem("letter-unknown", place))
    labels = [letters[letter_id] for letter_id in matching]
    ids = " or ".join(i[: len(beginning) + 4] for i in matching[:2])
    raise UsageError(messages.problem("letter-ambiguous", place, letters=labels, ids=ids))


@dataclass(frozen=True, slots=True)
class LettersOrder:
    """A request to create letters: which letters, and their folder.

    - `names`: names or IDs of signers and recipients; none means everyone
    - `letters`: only letters with these IDs, unless empty
    - `replace`: words for letters to create again, with the old files kept
    - `keep`: words for letters that stay although their data changed
    - `accept`: words for letters that are printed as they are
    - `decisions`: the same for single letters, as they were when they were shown
    - `cleared_dates`: what to do with letters whose last dates were cleared in the register:
      release them, restore the dates, or ask
    - `goes_on`: create letters although the files of all earlier letters are missing

    See `select_letters` for the words.
    """

    target: Path
    names: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    cleared_dates: ClearedDates = ""
    goes_on: bool = False
    keep: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    decisions: tuple[StaffDecision, ...] = ()
    letters: frozenset[str] = frozenset()
