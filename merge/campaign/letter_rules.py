"""Decision rules: map the facts about a letter to an action.

All functions are pure. The rules are tried in a fixed order, and the first that has an answer
decides:

1. Printed letters take precedence: they are never modified.
2. Letters with errors and open files: nothing can be done.
3. Files that are missing, or that belong to someone else.
4. Letters in a print file, which may be printed already: they are overwritten only on request.
5. Letters that no one but this program has written: only these are ever overwritten.
6. All other letters were edited, and are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import NamedTuple

from merge.letter_inputs import DataChange
from merge.letter_status import FileContent, Letter, LetterState, LetterStep, LetterStepReason


class LetterFacts(NamedTuple):
    """All facts that decide what is done with a letter.

    `letter` has the path at which the letter is known, or a free one. `other_paths` are other files
    that carry its ID. `changes` are the data that has changed. `new_path` is the path that
    the letter should have, if it is a different one. `is_moved` means that its file is not in its
    original place. `print_file` is the print file that counts for the letter. `is_recreated` means
    that another version is in it, or was marked as printed. `is_requested` means that someone asked
    to create it again although it was edited or is in a print file.
    """

    letter: Letter
    content: FileContent
    error: str = ""
    is_printed: bool = False
    is_open: bool = False
    other_paths: tuple[str, ...] = ()
    changes: tuple[DataChange, ...] = ()
    new_path: PurePosixPath | None = None
    is_moved: bool = False
    print_file: str = ""
    is_recreated: bool = False
    is_requested: bool = False

    @property
    def stays_in_print_file(self) -> bool:
        """Whether the letter may be printed already, so that staff must decide."""
        is_unedited = self.content in {"made", "older"}
        differs = self.changes or self.is_recreated
        return bool(is_unedited and self.print_file and differs) and not self.is_requested


def choose_step(facts: LetterFacts) -> LetterStep:
    """Return what a run does with a letter, by the facts about the letter.

    Only a letter that no one but this program has written is ever replaced.
    """
    found = (rule(facts) for rule in _RULES)
    step = next(filter(None, found), None) or _edited_letter(facts)
    return replace(step, changes=facts.changes) if facts.changes else step


def _names(facts: LetterFacts) -> tuple[str, ...]:
    return tuple(change.field for change in facts.changes)


def _blocked_letter(facts: LetterFacts) -> LetterStep | None:
    return LetterStep(facts.letter, "faulty", _error_reasons(facts)) if facts.error else None


def _printed_letter(facts: LetterFacts) -> LetterStep | None:
    if not facts.is_printed:
        return None
    missing_reasons = () if facts.content or facts.other_paths else (LetterStepReason("missing"),)
    duplicate_reasons = () if facts.content else _duplicate_reasons(facts)
    reasons = (
        LetterStepReason("on-paper"),
        *duplicate_reasons,
        *missing_reasons,
        *_error_reasons(facts),
    )
    return _keep(_with_moved_path(facts), "on-paper", *reasons)


def _missing_file(facts: LetterFacts) -> LetterStep | None:
    if facts.content:
        return None
    if not facts.other_paths:
        return LetterStep(facts.letter, "new")
    return _keep(
        _with_moved_path(facts),
        "moved",
        *(_duplicate_reasons(facts) or [LetterStepReason("moved")]),
    )


def _duplicate_reasons(facts: LetterFacts) -> Sequence[LetterStepReason]:
    return [LetterStepReason("several", facts.other_paths)] if len(facts.other_paths) > 1 else []


def _error_reasons(facts: LetterFacts) -> tuple[LetterStepReason, ...]:
    return (LetterStepReason("fault", (facts.error,)),) if facts.error else ()


def _other_file(facts: LetterFacts) -> LetterStep | None:
    if facts.content == "another":
        return _keep(facts, "foreign", LetterStepReason("other-letter"))
    return (
        _keep(facts, "foreign", LetterStepReason("foreign"))
        if facts.content == "stranger"
        else None
    )


def _file_in_use(facts: LetterFacts) -> LetterStep | None:
    if facts.is_open:
        return _keep(facts, "in-use", LetterStepReason("open"))
    return (
        _keep(facts, "in-use", LetterStepReason("unreadable")) if facts.content == "shut" else None
    )


def _letter_in_print_file(facts: LetterFacts) -> LetterStep | None:
    if not facts.stays_in_print_file:
        return None
    recreated = (LetterStepReason("recreated"),) if facts.is_recreated else ()
    return _keep(facts, "in-print-file", _print_file_reason(facts), *recreated)


def _print_file_reason(facts: LetterFacts) -> LetterStepReason:
    return LetterStepReason("in-print-file", (facts.print_file,))


def _unedited_letter(facts: LetterFacts) -> LetterStep | None:
    letter = facts.letter
    if facts.content == "torn":
        return _update(letter, LetterStepReason("damaged"))
    if facts.content not in {"made", "older"}:
        return None
    if facts.new_path:
        return _update(replace(letter, path=facts.new_path), LetterStepReason("renamed"))
    if facts.changes:
        return _update(letter, LetterStepReason("changed", _names(facts)))
    if facts.content == "older" or (facts.is_recreated and facts.is_requested):
        return _update(
            letter, LetterStepReason("older" if facts.content == "older" else "recreated")
        )
    return (
        LetterStep(letter, "moved", (LetterStepReason("moved"),))
        if facts.is_moved
        else LetterStep(letter, "unchanged")
    )


def _update(letter: Letter, reason: LetterStepReason) -> LetterStep:
    return LetterStep(letter, "rewritten", (reason,))


def _edited_letter(facts: LetterFacts) -> LetterStep:
    if facts.is_requested:
        path = facts.new_path or facts.letter.path
        return _update(replace(facts.letter, path=path), LetterStepReason("asked-again"))
    reason = LetterStepReason("resaved" if facts.content == "resaved" else "edited")
    if facts.is_moved:
        return _keep(facts, "moved", LetterStepReason("moved"), reason)
    if facts.content == "resaved":
        return _keep(facts, "resaved", reason)
    if not facts.changes:
        return _keep(facts, "edited", reason)
    print_file_reasons = (_print_file_reason(facts),) if facts.print_file else ()
    return _keep(facts, "edited-changed", reason, *print_file_reasons)


_RULES: tuple[Callable[[LetterFacts], LetterStep | None], ...] = (
    _printed_letter,
    _blocked_letter,
    _file_in_use,
    _missing_file,
    _other_file,
    _letter_in_print_file,
    _unedited_letter,
)
"""Rules in their order; a letter to which none applies was edited."""


def _with_moved_path(facts: LetterFacts) -> LetterFacts:
    """Return the facts with the path to which the letter was moved, if any."""
    if facts.content or len(facts.other_paths) != 1:
        return facts
    letter = replace(facts.letter, path=PurePosixPath(facts.other_paths[0]))
    return facts._replace(letter=letter)


def _keep(facts: LetterFacts, state: LetterState, *reasons: LetterStepReason) -> LetterStep:
    """Return the step that keeps a letter and says if its data changed."""
    change_reasons = (LetterStepReason("changed-since", _names(facts)),) if facts.changes else ()
    return LetterStep(facts.letter, state, (*reasons, *change_reasons))


@dataclass(slots=True)
class LetterTally:
    """The number of letters by what was done with them; it always adds up."""

    written_letters: int = 0
    unchanged_letters: int = 0
    kept_letters: int = 0
    skipped_letters: int = 0

    @property
    def planned(self) -> int:
        """Number of all letters."""
        return (
            self.written_letters + self.unchanged_letters + self.kept_letters + self.skipped_letters
        )

    def count(self, step: LetterStep) -> None:
        """Count a letter by the step that a run does with it."""
        field = _TALLY_FIELDS.get(step.state, "kept_letters")
        setattr(self, field, getattr(self, field) + 1)


_TALLY_FIELDS: dict[LetterState, str] = {
    "new": "written_letters",
    "rewritten": "written_letters",
    "unchanged": "unchanged_letters",
    "faulty": "skipped_letters",
}
