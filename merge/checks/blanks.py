"""What each tag would print for each person: blanks inside sentences, cells that cannot be used.

A tag that names only the signer is asked once for each signer, one that names only the recipient
once for each recipient; only where both are named, once for each pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from merge.model import (
    BLANK,
    DataError,
    Finding,
    Gatherer,
    Pair,
    People,
    Person,
    Place,
    Problem,
    around,
    finding_of,
)
from merge.template.filters import NotUsableError, Tree, explained
from merge.template.grammar import Name
from merge.template.jinja import FILLING_ERRORS, Ask
from merge.template.library import Facts

_PEOPLE = {"signer", "recipient"}
NEVER_BLANK = {"name", "salutation"}
"""Columns that are never blank where a template uses them, wherever they stand."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Whom a template's letters are from and to."""

    signers: People
    recipients: People
    facts: Facts
    other_places: Mapping[str, Callable[[str], Place]]
    """Where the fields of `settings` and `pair` stand, by root."""

    def sheet_of(self, name: Name) -> People | None:
        """The sheet that a name's column stands in, if it is one of people."""
        return {"signer": self.signers, "recipient": self.recipients}.get(name.root)


def check_values(asks: Sequence[Ask], cast: Cast, pairs: Iterable[Pair]) -> Iterator[Finding]:
    """Every problem that filling these pairs would meet, and every blank in a sentence."""
    mixed = [ask for ask in asks if {"signer", "recipient"} <= ask.roots or "pair" in ask.roots]
    lone = [ask for ask in asks if ask not in mixed]
    signers: dict[str, Person] = {}
    recipients: dict[str, Person] = {}
    gatherer = Gatherer()
    for pair in pairs:
        signers[pair.signer.key] = pair.signer
        recipients[pair.recipient.key] = pair.recipient
        for problem in _asked(mixed, cast, cast.facts.of_pair(pair), pair) if mixed else ():
            gatherer.add(problem, pair)
    yield from gatherer.findings()
    yield from _of_persons(lone, cast, signers.values(), recipients.values())


def _of_persons(
    asks: Sequence[Ask], cast: Cast, signers: Iterable[Person], recipients: Iterable[Person]
) -> Iterator[Finding]:
    facts = cast.facts
    general = [ask for ask in asks if not ask.roots & _PEOPLE]
    yield from (Finding(problem) for problem in _asked(general, cast, facts.of_all()))
    own = [ask for ask in asks if "signer" in ask.roots]
    for person in signers if own else ():
        for problem in _asked(own, cast, facts.of_signer(person), person):
            yield finding_of(problem, person)
    own = [ask for ask in asks if "recipient" in ask.roots]
    for person in recipients if own else ():
        for problem in _asked(own, cast, facts.of_recipient(person), person):
            yield finding_of(problem, person)


def _asked(
    asks: Sequence[Ask], cast: Cast, values: Tree, whom: Pair | Person | None = None
) -> Iterator[Problem]:
    for ask in asks:
        try:
            if ask.is_blank(values) and _must_not_be(ask):
                yield _blank(ask, cast, whom)
        except DataError as error:
            yield from error.problems
        except FILLING_ERRORS as error:
            yield _untold(ask, explained(error), cast, whom)


def _untold(ask: Ask, told: NotUsableError, cast: Cast, whom: Pair | Person | None) -> Problem:
    """What filling would raise, at the cell where it is the cell's fault."""
    place = _cell(ask, cast, whom) if told.code in _OF_THE_CELL else None
    return Problem(told.code, place or ask.tag.place, f"{ask.tag.written}: {told.what}", told.hint)


_OF_THE_CELL = {"not-a-date", "not-a-number", "not-a-span", "not-a-colour", "too-much"}


def _must_not_be(ask: Ask) -> bool:
    """Whether a blank here is an error."""
    if ask.excused or ask.tag.shape != "value":
        return False
    return not ask.tag.closes_up or _is_never_blank(ask)


def _is_never_blank(ask: Ask) -> bool:
    return any(n.root in _PEOPLE and n.field in NEVER_BLANK for n in ask.names)


def _blank(ask: Ask, cast: Cast, whom: Pair | Person | None) -> Problem:
    """The problem of a blank, at the cell to fill where it can be told."""
    place = _cell(ask, cast, whom) or ask.tag.place
    words = f'"{around(ask.tag.place.words, ask.tag.body)}"'
    what = f"{ask.tag.written} is blank here, and the letter needs it: {words}."
    if isinstance(whom, Pair) and any(name.root == "pair" for name in ask.names):
        what = f"{ask.tag.written} is blank for some pairs: no row of the sheet Pairs fills it."
    hint = "Fill the cell, or write |optional behind the name in the template."
    return Problem("blank-in-sentence", place, what, "Fill it." if _is_never_blank(ask) else hint)


def _cell(ask: Ask, cast: Cast, whom: Pair | Person | None) -> Place | None:
    """The cell that a tag reads; None where it reads none that can be told."""
    for name in sorted(ask.names, key=lambda n: not _is_blank(n, whom)):
        sheet, person = cast.sheet_of(name), _person(name, whom)
        if sheet is not None and person is not None:
            return sheet.place(person.row, name.field)
        if name.root in cast.other_places:
            return cast.other_places[name.root](name.field)
    return None


def _is_blank(name: Name, whom: Pair | Person | None) -> bool:
    person = _person(name, whom)
    return person is not None and not person.fields.get(name.field, BLANK).strip()


def _person(name: Name, whom: Pair | Person | None) -> Person | None:
    if isinstance(whom, Pair):
        return {"signer": whom.signer, "recipient": whom.recipient}.get(name.root)
    return whom if whom is not None and whom.kind == name.root else None
