"""What is to be done with each letter, from what is known of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import NamedTuple

from merge.model import Content, Letter, State, Step


class Facts(NamedTuple):
    """All that decides what is to be done with a letter.

    `letter` has the path of its known place, or a free one. `elsewhere` are other files that carry
    its id. `changed` names what differs in what it is made from; `new_name` is the path that it is
    to have, where that is another. `again`: somebody asked for it to be made anew.
    """

    letter: Letter
    content: Content
    faulty: str = ""
    on_paper: bool = False
    is_open: bool = False
    elsewhere: tuple[str, ...] = ()
    changed: Sequence[str] = ()
    new_name: PurePosixPath | None = None
    again: bool = False


def decide(facts: Facts) -> Step:
    """What happens to a letter. Nothing but a letter that is ours alone is ever replaced."""
    return next(step for rule in _RULES if (step := rule(facts)))


def _faulty(facts: Facts) -> Step | None:
    return Step(facts.letter, "faulty", facts.faulty) if facts.faulty else None


def _on_paper(facts: Facts) -> Step | None:
    if not facts.on_paper:
        return None
    gone = "" if facts.content or facts.elsewhere else GONE
    why = "; ".join(filter(None, (ON_PAPER, gone, facts.faulty)))
    return _kept(_where_it_is(facts), "on-paper", why)


def _absent(facts: Facts) -> Step | None:
    if facts.content:
        return None
    if not facts.elsewhere:
        return Step(facts.letter, "new")
    several = SEVERAL + ", ".join(facts.elsewhere) if len(facts.elsewhere) > 1 else ""
    return _kept(_where_it_is(facts), "moved", several or MOVED)


def _not_ours(facts: Facts) -> Step | None:
    why = {"another": ANOTHERS, "stranger": STRANGER}.get(facts.content)
    return _kept(facts, "foreign", why) if why else None


def _in_use(facts: Facts) -> Step | None:
    why = OPEN if facts.is_open else SHUT if facts.content == "shut" else ""
    return _kept(facts, "in-use", why) if why else None


def _ours(facts: Facts) -> Step | None:
    letter = facts.letter
    if facts.content not in {"made", "older"}:
        return None
    if facts.new_name:
        return Step(replace(letter, path=facts.new_name), "rewritten", RENAMED)
    if facts.changed:
        return Step(letter, "rewritten", f"changed: {', '.join(facts.changed)}")
    if facts.content == "older":
        return Step(letter, "rewritten", OLDER)
    return Step(letter, "unchanged")


def _others_work(facts: Facts) -> Step:
    if facts.again:
        return Step(facts.letter, "rewritten", AGAIN)
    if facts.content == "resaved":
        return _kept(facts, "resaved", RESAVED)
    return _kept(facts, "edited-changed" if facts.changed else "edited", EDITED)


_RULES: tuple[Callable[[Facts], Step | None], ...] = (
    _on_paper,
    _faulty,
    _in_use,
    _absent,
    _not_ours,
    _ours,
    _others_work,
)
"""In this order: the first that has an answer decides."""


def _where_it_is(facts: Facts) -> Facts:
    """A letter that somebody moved has the path that it was moved to."""
    if facts.content or len(facts.elsewhere) != 1:
        return facts
    here = replace(facts.letter, path=PurePosixPath(facts.elsewhere[0]))
    return facts._replace(letter=here)


def _kept(facts: Facts, state: State, why: str) -> Step:
    """The letter stays as it is; told where what it is made from has changed since."""
    since = f"{SINCE}{', '.join(facts.changed)}" if facts.changed else ""
    return Step(facts.letter, state, "; ".join(filter(None, (why, since))))


SINCE = "changed since: "
ON_PAPER = "on paper"
EDITED = "edited by hand"
RESAVED = "saved by another program, its words are the same"
STRANGER = "a file that this program did not make"
ANOTHERS = "the letter of another signer or recipient"
OPEN = "open in Word or LibreOffice"
SHUT = "it cannot be opened"
MOVED = "moved or renamed by hand"
SEVERAL = "several files are this letter, none was touched: "
GONE = "its file is not there"
RENAMED = "under the name that it has now"
OLDER = "an earlier version lay there"
AGAIN = "made again as you asked"


@dataclass(slots=True)
class Balance:
    """How many letters there are and what became of them; it always adds up."""

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
