"""What each tag would print for each person: blanks inside sentences, cells that cannot be used.

A tag that names only the signer is asked once for each signer, one that names only the recipient
once for each recipient; only where both are named, once for each pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from merge.checks.finding import Finding
from merge.language import Ask, Name, NotUsableError, Tree
from merge.model import DataError, Pair, People, Person, Place, Problem
from merge.tree import Facts

NEVER_BLANK = {"name", "salutation"}
"""Columns that are never blank where a template uses them, wherever they stand."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Whom a template's letters are from and to."""

    signers: People
    recipients: People
    facts: Facts

    def sheet_of(self, name: Name) -> People | None:
        """The sheet that a name's column stands in, if it is one of people."""
        return {"signer": self.signers, "recipient": self.recipients}.get(name.root)


def check_values(asks: Sequence[Ask], cast: Cast, pairs: Iterable[Pair]) -> Iterator[Finding]:
    """Every problem that filling these pairs would meet, and every blank in a sentence."""
    mixed = [ask for ask in asks if {"signer", "recipient"} <= ask.roots or "pair" in ask.roots]
    lone = [ask for ask in asks if ask not in mixed]
    signers: dict[str, Person] = {}
    recipients: dict[str, Person] = {}
    for pair in pairs:
        signers[pair.signer.key] = pair.signer
        recipients[pair.recipient.key] = pair.recipient
        if mixed:
            yield from _asked(mixed, cast, cast.facts.of_pair(pair), pair)
    yield from _of_persons(lone, cast, signers.values(), recipients.values())


def _of_persons(
    asks: Sequence[Ask], cast: Cast, signers: Iterable[Person], recipients: Iterable[Person]
) -> Iterator[Finding]:
    facts = cast.facts
    general = [ask for ask in asks if not ask.roots & {"signer", "recipient"}]
    yield from _asked(general, cast, facts.of_all())
    own = [ask for ask in asks if "signer" in ask.roots]
    for person in signers if own else ():
        yield from _asked(own, cast, facts.of_signer(person), person)
    own = [ask for ask in asks if "recipient" in ask.roots]
    for person in recipients if own else ():
        yield from _asked(own, cast, facts.of_recipient(person), person)


def _asked(
    asks: Sequence[Ask], cast: Cast, values: Tree, whom: Pair | Person | None = None
) -> Iterator[Finding]:
    for ask in asks:
        try:
            if ask.is_blank(values) and _must_not_be(ask):
                yield from (_finding(p, whom) for p in _blank(ask, cast, whom))
        except DataError as error:
            yield from (_finding(problem, whom) for problem in error.problems)
        except NotUsableError as error:
            what = f"{ask.tag.written}: {error.what}"
            place = _cell(ask, cast, whom) or ask.tag.place
            yield _finding(Problem(error.code, place, what, error.hint), whom)
        except TypeError:
            what = f"{ask.tag.written} compares a text with a number or date."
            hint = 'Put the number in quotes, as in == "3", or make the cell a number.'
            yield _finding(Problem("compared-with-text", ask.tag.place, what, hint), whom)


def _must_not_be(ask: Ask) -> bool:
    """Whether a blank here is an error."""
    if ask.excused or ask.tag.shape != "value":
        return False
    return not ask.tag.closes_up or any(name.field in NEVER_BLANK for name in ask.names)


def _blank(ask: Ask, cast: Cast, whom: Pair | Person | None) -> Iterator[Problem]:
    """The problem of a blank, at the cell to fill where it can be told."""
    place = _cell(ask, cast, whom)
    words = f'"{ask.tag.place.words.strip()[:60]}"'
    if place is None:
        what = f"{ask.tag.written} prints nothing, in the middle of a sentence."
        hint = "Fill the cell, or write |optional behind the name."
        yield Problem("blank-in-sentence", ask.tag.place, what, hint)
        return
    what = f"the cell is blank, and the letter needs it: {words}."
    hint = "Fill it, or write |optional behind the name in the template."
    if any(name.field in NEVER_BLANK for name in ask.names):
        hint = "Fill it."
    yield Problem("blank-in-sentence", place, what, hint)


def _cell(ask: Ask, cast: Cast, whom: Pair | Person | None) -> Place | None:
    """The cell that a tag reads of a person; None where it reads none, or several."""
    for name in ask.names:
        sheet, person = cast.sheet_of(name), _person(name, whom)
        if sheet is not None and person is not None:
            return sheet.place(person.row, name.field)
    return None


def _person(name: Name, whom: Pair | Person | None) -> Person | None:
    if isinstance(whom, Pair):
        return {"signer": whom.signer, "recipient": whom.recipient}.get(name.root)
    return whom if whom is not None and whom.kind == name.root else None


def _finding(problem: Problem, whom: Pair | Person | None) -> Finding:
    """The problem with the letters that it touches."""
    if isinstance(whom, Pair):
        return Finding(problem, frozenset({whom.signer.key}), frozenset({whom.recipient.key}))
    if whom is None:
        return Finding(problem)
    keys = frozenset({whom.key})
    return Finding(problem, keys) if whom.kind == "signer" else Finding(problem, None, keys)
