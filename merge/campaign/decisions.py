"""The rules: from all that is known of a letter to what is done with it. Pure.

They are asked in a fixed order and the first that has an answer decides. Paper goes first: what
staff have printed is never touched, whatever else is true. Then faults and open files, where
nothing can be done; then files that are missing or somebody else's; then a letter that is ours
alone, the only one that is ever written over; whatever is left was edited, and stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import NamedTuple

from merge.letter_status import Content, Letter, Reason, State, Step


class LetterFacts(NamedTuple):
    """All that decides what is to be done with a letter.

    `letter` has the path of its known place, or a free one. `elsewhere` are other files that carry
    its id. `changed` names what differs in what it is made from; `new_name` is the path that it is
    to have, where that is another. `moved`: it lies at another place than the program put it.
    `again`: somebody asked for it to be made anew, though it was edited.
    """

    letter: Letter
    content: Content
    faulty: str = ""
    on_paper: bool = False
    is_open: bool = False
    elsewhere: tuple[str, ...] = ()
    changed: Sequence[str] = ()
    new_name: PurePosixPath | None = None
    moved: bool = False
    again: bool = False


def decide(facts: LetterFacts) -> Step:
    """Return what happens to a letter. Only a letter that is ours alone is ever replaced."""
    for rule in _RULES:
        if step := rule(facts):
            return step
    return _edited(facts)


def _faulty(facts: LetterFacts) -> Step | None:
    return Step(facts.letter, "faulty", _fault(facts)) if facts.faulty else None


def _on_paper(facts: LetterFacts) -> Step | None:
    if not facts.on_paper:
        return None
    missing = () if facts.content or facts.elsewhere else (Reason("missing"),)
    several = () if facts.content else _several(facts)
    reasons = (Reason("on-paper"), *several, *missing, *_fault(facts))
    return _kept(_where_it_is(facts), "on-paper", *reasons)


def _absent(facts: LetterFacts) -> Step | None:
    if facts.content:
        return None
    if not facts.elsewhere:
        return Step(facts.letter, "new")
    return _kept(_where_it_is(facts), "moved", *(_several(facts) or [Reason("moved")]))


def _several(facts: LetterFacts) -> Sequence[Reason]:
    return [Reason("several", facts.elsewhere)] if len(facts.elsewhere) > 1 else []


def _fault(facts: LetterFacts) -> tuple[Reason, ...]:
    return (Reason("fault", (facts.faulty,)),) if facts.faulty else ()


def _not_ours(facts: LetterFacts) -> Step | None:
    if facts.content == "another":
        return _kept(facts, "foreign", Reason("other-letter"))
    return _kept(facts, "foreign", Reason("foreign")) if facts.content == "stranger" else None


def _in_use(facts: LetterFacts) -> Step | None:
    if facts.is_open:
        return _kept(facts, "in-use", Reason("open"))
    return _kept(facts, "in-use", Reason("unreadable")) if facts.content == "shut" else None


def _ours(facts: LetterFacts) -> Step | None:
    letter = facts.letter
    if facts.content == "torn":
        return _rewritten(letter, Reason("damaged"))
    if facts.content not in {"made", "older"}:
        return None
    if facts.new_name:
        return _rewritten(replace(letter, path=facts.new_name), Reason("renamed"))
    if facts.changed:
        return _rewritten(letter, Reason("changed", tuple(facts.changed)))
    if facts.content == "older":
        return _rewritten(letter, Reason("older"))
    return Step(letter, "moved", (Reason("moved"),)) if facts.moved else Step(letter, "unchanged")


def _rewritten(letter: Letter, why: Reason) -> Step:
    return Step(letter, "rewritten", (why,))


def _edited(facts: LetterFacts) -> Step:
    if facts.again:
        path = facts.new_name or facts.letter.path
        return _rewritten(replace(facts.letter, path=path), Reason("asked-again"))
    how = Reason("resaved" if facts.content == "resaved" else "edited")
    if facts.moved:
        return _kept(facts, "moved", Reason("moved"), how)
    if facts.content == "resaved":
        return _kept(facts, "resaved", how)
    return _kept(facts, "edited-changed" if facts.changed else "edited", how)


_RULES: tuple[Callable[[LetterFacts], Step | None], ...] = (
    _on_paper,
    _faulty,
    _in_use,
    _absent,
    _not_ours,
    _ours,
)
"""In this order: the first that has an answer decides; whatever is left was edited."""


def _where_it_is(facts: LetterFacts) -> LetterFacts:
    """Return the facts with the path that somebody moved the letter to, if it is one."""
    if facts.content or len(facts.elsewhere) != 1:
        return facts
    here = replace(facts.letter, path=PurePosixPath(facts.elsewhere[0]))
    return facts._replace(letter=here)


def _kept(facts: LetterFacts, state: State, *reasons: Reason) -> Step:
    """Keep the letter as it is, and say if its data has changed since."""
    since = (Reason("changed-since", tuple(facts.changed)),) if facts.changed else ()
    return Step(facts.letter, state, (*reasons, *since))


@dataclass(slots=True)
class Balance:
    """The number of letters and what became of them; it always adds up."""

    written: int = 0
    unchanged: int = 0
    kept: int = 0
    skipped: int = 0

    @property
    def planned(self) -> int:
        """All of them."""
        return self.written + self.unchanged + self.kept + self.skipped

    def count(self, step: Step) -> None:
        """Take one more step into account."""
        field = _COUNTED.get(step.state, "kept")
        setattr(self, field, getattr(self, field) + 1)


_COUNTED: dict[State, str] = {
    "new": "written",
    "rewritten": "written",
    "unchanged": "unchanged",
    "faulty": "skipped",
}
