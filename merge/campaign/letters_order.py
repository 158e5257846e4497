"""The letters that somebody asks for: whose, of which kinds, and single ones by their ids."""

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
from merge.letter_status import Decision, Letter
from merge.problems import option_place
from merge.text.folding import folded

KeptKind = Literal["edited", "resaved", "moved", "on paper"]
"""Why a letter is not brought up to date by itself, or not without being asked for."""

_KINDS: Mapping[str, frozenset[KeptKind]] = {
    "resaved": frozenset({"resaved"}),
    "edited": frozenset({"edited", "resaved"}),
    "moved": frozenset({"moved"}),
    "all": frozenset({"edited", "resaved", "moved", "on paper"}),
}
"""In the place of a name: all letters of these kinds, whoever's they are."""

_KINDS_TO_REPLACE: Mapping[str, frozenset[KeptKind]] = {**_KINDS, "edited": frozenset({"edited"})}
"""The same for letters that are to be made anew: there, saved again is not edited."""

_OPTION_AND_KINDS: Mapping[Choice, tuple[str, Mapping[str, frozenset[KeptKind]]]] = {
    "new": ("replace", _KINDS_TO_REPLACE),
    "keep": ("keep", _KINDS),
    "print": ("accept", _KINDS),
}


@dataclass(frozen=True, slots=True)
class SelectedLetters:
    """The letters that somebody's words mean: people's, single ones, all of some kinds."""

    people: PeopleSelection | None = None
    letters: frozenset[str] = frozenset()
    kinds: frozenset[KeptKind] = frozenset()

    def includes(self, letter: Letter, kinds: AbstractSet[KeptKind]) -> bool:
        """Return whether a letter of these kinds is meant."""
        if letter.id in self.letters or not self.kinds.isdisjoint(kinds):
            return True
        return self.people is not None and self.people.includes(letter.pair)


def select_letters(campaign: Campaign, words: Sequence[str], choice: Choice) -> SelectedLetters:
    """Return the letters that words mean: names, IDs, beginnings of letters' ids, kinds.

    UsageError where a word means nobody, or several letters.
    """
    option, all_kinds = _OPTION_AND_KINDS[choice]
    kinds = frozenset[KeptKind]().union(*(all_kinds.get(folded(w), frozenset()) for w in words))
    others = [word for word in words if folded(word) not in all_kinds]
    if not others:
        return SelectedLetters(kinds=kinds)
    people = {
        folded(word) for person in campaign.workbook.persons for word in (person.name, person.id)
    }
    ids = [w for w in others if folded(w) not in people and _LETTER_ID.fullmatch(w.strip().lower())]
    names = [word for word in others if word not in ids]
    letters = campaign.letter_labels if ids else {}
    found = frozenset(find_letter_id(letters, word, option) for word in ids)
    return SelectedLetters(campaign.select_people(names, option) if names else None, found, kinds)


_LETTER_ID = re.compile(r"(?=.*\d)[0-9a-f]{4,16}|[a-f]{4}")
"""What may be the beginning of a letter's id."""


def find_letter_id(letters: Mapping[str, str], typed: str, option: str) -> str:
    """Return the id that begins as typed, of letters by id with what each is called.

    UsageError where none does, or several do.
    """
    short = typed.strip().lower()
    if short in letters:
        return short
    alike = [letter_id for letter_id in letters if short and letter_id.startswith(short)]
    if len(alike) == 1:
        return alike[0]
    place = option_place(option, typed)
    if not alike:
        raise UsageError(messages.problem("letter-unknown", place))
    named = [letters[letter_id] for letter_id in alike]
    ids = " or ".join(i[: len(short) + 4] for i in alike[:2])
    raise UsageError(messages.problem("letter-ambiguous", place, letters=named, ids=ids))


@dataclass(frozen=True, slots=True)
class LettersOrder:
    """The letters that somebody asked for: whose, and into which folder.

    `names` are names or IDs of signers and recipients; none means everybody. Where there are
    `letters`, only those of these ids are meant. `again` are words for letters that are to be made
    anew, the old ones set aside, `keep` for those that stay as they are though their data changed,
    `accept` for those that are printed so: see `select_letters`.
    `decisions` say the same of single letters, as they were when they were shown.
    `new_register`: where the register is gone, begin another. `trust_register`: where it says
    less than it did of these letters, believe it.
    """

    target: Path
    names: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    new_register: bool = False
    trust_register: bool = False
    keep: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    letters: frozenset[str] = frozenset()
